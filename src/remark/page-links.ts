import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Definition, Link, Nodes, Root } from 'mdast'
import { slugOf } from '../../runner/library.ts'

export interface Options {
  /** Absolute path of the project; file names are shown relative to it. */
  root: string
  /** Absolute path of the folder of runbooks. */
  content: string
  /** Address that edits a file once its path is added. */
  edit?: string | undefined
}

/**
 * Turns links between files (`./Other.md#step`) into links between pages, so that a document works in an editor,
 * on a code host and here. A file that is no page is linked where it can be read, or named.
 */
export function resolveLinks(tree: Root, path: string, options: Options): void {
  visit(tree, (node) => {
    if (/^\s*(javascript|vbscript|data):/i.test(node.url)) {
      // It would act, not lead: it is shown as what it is.
      Object.assign(node, { type: 'inlineCode', value: node.url })
      return
    }
    const file = projectFile(node.url, path, options)
    if (file === undefined) node.url = pageLink(node.url, path, options.content)
    else if (options.edit === undefined && node.type === 'link')
      Object.assign(node, { type: 'inlineCode', value: file })
    else if (options.edit !== undefined) node.url = options.edit + file
  })
}

function visit(node: Nodes, rewrite: (node: Link | Definition) => void): void {
  if (node.type === 'link' || node.type === 'definition') rewrite(node)
  if ('children' in node) for (const child of node.children) visit(child, rewrite)
}

/** The path of an existing file or folder of the project that is no page, when that is what a link leads to. */
function projectFile(url: string, path: string, { root, content }: Options): string | undefined {
  const match = /^(?![a-z][a-z0-9+.-]*:|\/|#)([^?#]+)/i.exec(url)
  const file = resolve(dirname(path), decoded(match?.[1] ?? ''))
  const inside = relative(root, file).split(sep).join('/')
  const isPage = /\.mdx?$/i.test(file) && !relative(dirname(content), file).startsWith('..')
  const own = !isPage && !inside.startsWith('..') && inside !== ''
  return match && own && existsSync(file) ? inside : undefined
}

function decoded(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}

/** @internal */
export function pageLink(url: string, path: string, content: string): string {
  const here = pageOf(path, content)
  if (here === undefined) return url
  // From the root of the site, which need not be that of its host.
  if (/^\/(?!\/)/.test(url)) return relativeAddress(here, url.slice(1))
  const match = /^(?![a-z][a-z0-9+.-]*:|\/|#)([^?#]*\.mdx?)([?#].*)?$/i.exec(url)
  const target = match ? pageOf(resolve(dirname(path), decoded(match[1] ?? '')), content) : undefined
  return target === undefined ? url : `${relativeAddress(here, target)}${match?.[2] ?? ''}`
}

/** The address of a document's page below the site's root, without a leading slash. */
function pageOf(path: string, content: string): string | undefined {
  const inside = relative(dirname(content), path).split(sep).join('/')
  const runbook = relative(content, path).split(sep).join('/')
  const name = runbook.startsWith('..') ? inside : `runbooks/${runbook}`
  if (name.startsWith('..')) return undefined
  return `${slugOf(name).replace(/(^|\/)index$/, '')}/`
}

function relativeAddress(from: string, to: string): string {
  const up = '../'.repeat(from.split('/').length - 1)
  return `${up}${to}`
}
