import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Image, ImageReference, Nodes, Parent, PhrasingContent, Root } from 'mdast'
import { descendants } from '../../runner/model/tree.ts'

/** How files of the kinds that are shown begin. */
const beginnings = [
  /^\u0089PNG/,
  /^\u00FF\u00D8\u00FF/,
  /^GIF8/,
  /^RIFF[^]{4}WEBP/,
  /^[^]{4}ftyp/,
  /<svg[\s>]/,
]

/**
 * Leaves the images that a page can show: those that lie beside the document. One of another host becomes a link,
 * because the policy loads nothing from there; one that is missing too, so that the check of links names it.
 */
export function placeImages(tree: Root, path: string): void {
  const definitions = new Map(descendants(tree, 'definition').map(({ identifier, url }) => [identifier, url]))
  place(tree, path, definitions, false)
}

function place(
  parent: Parent,
  path: string,
  definitions: ReadonlyMap<string, string>,
  linked: boolean,
): void {
  for (const [at, child] of (parent.children as Nodes[]).entries()) {
    if (child.type === 'image' || child.type === 'imageReference') {
      const url = child.type === 'image' ? child.url : (definitions.get(child.identifier) ?? '')
      if (!canShow(url, path)) parent.children[at] = instead(child, url, linked) as never
    } else if ('children' in child)
      place(child, path, definitions, linked || child.type === 'link' || child.type === 'linkReference')
  }
}

function canShow(url: string, path: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url) || url === '') return false
  // What lies in `public` keeps its address.
  return url.startsWith('/') || isImage(localFile(url, path))
}

function localFile(url: string, path: string): string {
  try {
    return resolve(dirname(path), decodeURI(url))
  } catch {
    return ''
  }
}

function isImage(file: string): boolean {
  if (file === '' || !existsSync(file) || !statSync(file).isFile()) return false
  const start = Buffer.alloc(1024)
  const opened = openSync(file, 'r')
  const length = readSync(opened, start)
  closeSync(opened)
  const text = start.toString('latin1', 0, length)
  return beginnings.some((beginning) => beginning.test(text))
}

function instead({ alt }: Image | ImageReference, url: string, linked: boolean): PhrasingContent {
  const text = { type: 'text' as const, value: alt || url || 'image' }
  return linked || url === '' ? text : { type: 'link', url, children: [text] }
}
