import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { imageMetadata } from 'astro/assets/utils'
import type { Definition, Image, ImageReference, Root } from 'mdast'
import { descendants } from '../../runner/model/tree.ts'

/**
 * Shows the words of an image whose file is not there or is no image: Astro would stop the whole build, and a
 * document must stay readable without its pictures. `check` reports them.
 */
export async function nameLostImages(tree: Root, path: string): Promise<void> {
  const definitions = new Map(descendants(tree, 'definition').map((node) => [node.identifier, node]))
  const images = [...descendants(tree, 'image'), ...descendants(tree, 'imageReference')]
  for (const node of images) {
    const url = urlOf(node, definitions)
    if (url !== undefined && !(await canBeShown(url, path)))
      Object.assign(node, { type: 'text', value: `[${node.alt || url}]` })
  }
}

function urlOf(
  node: Image | ImageReference,
  definitions: ReadonlyMap<string, Definition>,
): string | undefined {
  return node.type === 'image' ? node.url : definitions.get(node.identifier)?.url
}

/** Other hosts and the public folder are the browser's business. */
async function canBeShown(url: string, path: string): Promise<boolean> {
  try {
    const file = decodeURI(url)
    if (file === '' || file.startsWith('/') || URL.canParse(file)) return true
    const bytes = await readFile(resolve(dirname(path), file.replace(/[?#].*$/s, '')))
    await imageMetadata(bytes, file)
    return true
  } catch {
    return false
  }
}
