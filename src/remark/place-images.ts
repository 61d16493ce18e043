import { readFile } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import { imageMetadata } from 'astro/assets/utils'
import type { Image, ImageReference, Nodes, Parent, Root } from 'mdast'
import type { LinkLibrary } from '../../runner/links/link-targets.ts'
import { resolvePicture } from '../../runner/links/resolve-link.ts'
import { descendants } from '../../runner/model/text/tree.ts'

/**
 * Leaves the images that a page can show. One of another host becomes a link, because the policy loads nothing from
 * there. One that is missing or is not an image becomes its words: Astro would stop the whole build, and a document must
 * stay readable without its pictures; `check` reports them.
 */
export async function placeImages(tree: Root, path: string, library: LinkLibrary): Promise<void> {
  const urls = new Map(descendants(tree, 'definition').map(({ identifier, url }) => [identifier, url]))
  await place(tree, false, (node, linked) =>
    placeOne(node, node.type === 'image' ? node.url : (urls.get(node.identifier) ?? ''), {
      path,
      library,
      linked,
    }),
  )
}

async function place(
  parent: Parent,
  linked: boolean,
  visit: (node: Image | ImageReference, linked: boolean) => Promise<void>,
): Promise<void> {
  for (const child of parent.children as Nodes[]) {
    if (child.type === 'image' || child.type === 'imageReference') await visit(child, linked)
    else if ('children' in child)
      await place(child, linked || child.type === 'link' || child.type === 'linkReference', visit)
  }
}

interface Around {
  path: string
  library: LinkLibrary
  /** Whether the image is in a link. */
  linked: boolean
}

async function placeOne(
  node: Image | ImageReference,
  url: string,
  { path, library, linked }: Around,
): Promise<void> {
  const words = node.alt || url
  const picture = resolvePicture(url, path, library)
  if (picture.type === 'external' && linked) Object.assign(node, { type: 'text', value: words })
  else if (picture.type === 'external')
    Object.assign(node, { type: 'link', url, children: [{ type: 'text', value: words }] })
  // A file in the public folder keeps its address.
  else if (picture.type === 'public') Object.assign(node, { type: 'image', url })
  else if (picture.type === 'file' && (await isPicture(picture.path)))
    Object.assign(node, { type: 'image', url: beside(path, picture.path) })
  else Object.assign(node, { type: 'text', value: `[${words}]` })
}

/** The address of a file as Astro takes it for one beside the document. */
function beside(path: string, file: string): string {
  const address = encodeURI(relative(dirname(path), file).split(sep).join('/'))
  return address.startsWith('.') ? address : `./${address}`
}

async function isPicture(path: string): Promise<boolean> {
  try {
    await imageMetadata(await readFile(path), path)
    return true
  } catch {
    return false
  }
}
