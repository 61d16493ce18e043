import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { imageMetadata } from 'astro/assets/utils'
import type { Image, ImageReference, Nodes, Parent, Root } from 'mdast'
import { descendants } from '../../runner/model/tree.ts'

/**
 * Leaves the images that a page can show. One of another host becomes a link, because the policy loads nothing from
 * there. One that is missing or is no image becomes its words: Astro would stop the whole build, and a document must
 * stay readable without its pictures; `check` reports them.
 */
export async function placeImages(tree: Root, path: string): Promise<void> {
  const urls = new Map(descendants(tree, 'definition').map(({ identifier, url }) => [identifier, url]))
  await place(tree, path, urls, false)
}

async function place(
  parent: Parent,
  path: string,
  urls: ReadonlyMap<string, string>,
  linked: boolean,
): Promise<void> {
  for (const child of parent.children as Nodes[]) {
    if (child.type === 'image' || child.type === 'imageReference')
      await placeOne(
        child,
        child.type === 'image' ? child.url : (urls.get(child.identifier) ?? ''),
        path,
        linked,
      )
    else if ('children' in child)
      await place(child, path, urls, linked || child.type === 'link' || child.type === 'linkReference')
  }
}

async function placeOne(
  node: Image | ImageReference,
  url: string,
  path: string,
  linked: boolean,
): Promise<void> {
  const words = node.alt || url
  const isFar = URL.canParse(url) || url.startsWith('//')
  if (isFar && linked) Object.assign(node, { type: 'text', value: words })
  else if (isFar) Object.assign(node, { type: 'link', url, children: [{ type: 'text', value: words }] })
  else if (!(await canBeShown(url, path))) Object.assign(node, { type: 'text', value: `[${words}]` })
}

/** What lies in the public folder keeps its address. */
async function canBeShown(url: string, path: string): Promise<boolean> {
  try {
    const file = decodeURI(url)
    if (file === '' || file.startsWith('/')) return true
    const bytes = await readFile(resolve(dirname(path), file.replace(/[?#].*$/s, '')))
    await imageMetadata(bytes, file)
    return true
  } catch {
    return false
  }
}
