import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Definition, Link, Nodes, Parent, PhrasingContent, Root } from 'mdast'
import { toString } from 'mdast-util-to-string'
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
  visit(tree, (node, parent) => {
    if (/^\s*(javascript|vbscript|data):/i.test(node.url)) {
      // It would act, not lead: it is shown as what it is.
      Object.assign(node, { type: 'inlineCode', value: node.url })
      return
    }
    const file = projectFile(node.url, path, options)
    if (file === undefined) node.url = pageLink(node.url, path, options.content)
    else if (options.edit === undefined && node.type === 'link') nameFile(node, parent, file)
    else if (options.edit !== undefined) node.url = options.edit + file
  })
}

function visit(parent: Parent, rewrite: (node: Link | Definition, parent: Parent) => void): void {
  for (const node of parent.children as Nodes[]) {
    if (node.type === 'link' || node.type === 'definition') rewrite(node, parent)
    if ('children' in node) visit(node, rewrite)
  }
}

/** A file that no page can open: its words stay, and its path stands behind them. */
function nameFile(link: Link, parent: Parent, file: string): void {
  const path: PhrasingContent = { type: 'inlineCode', value: file }
  const words = toString(link)
  const named: PhrasingContent[] =
    words === '' || words === file || words === link.url
      ? [path]
      : [...link.children, { type: 'text', value: ' (' }, path, { type: 'text', value: ')' }]
  parent.children.splice(parent.children.indexOf(link), 1, ...named)
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
  const match = /^(?![a-z][a-z0-9+.-]*:|\/|#)([^?#]+)([?#].*)?$/i.exec(url)
  const file = match ? documentAt(resolve(dirname(path), decoded(match[1] ?? ''))) : undefined
  const target = file === undefined ? undefined : pageOf(file, content)
  return target === undefined ? url : `${relativeAddress(here, target)}${match?.[2] ?? ''}`
}

/** The document a path means; wikis leave its ending out. Undefined for a path that means none. */
function documentAt(path: string): string | undefined {
  if (/\.mdx?$/i.test(path)) return path
  return ['.md', '.mdx'].map((ending) => path + ending).find((file) => existsSync(file))
}

/** The address of a document's page below the site's root, without a leading slash. */
function pageOf(path: string, content: string): string | undefined {
  const inside = relative(dirname(content), path).split(sep).join('/')
  const runbook = relative(content, path).split(sep).join('/')
  const name = runbook.startsWith('..') ? inside : `runbooks/${runbook}`
  if (name.startsWith('..')) return undefined
  return `${slugOf(name).replace(/^docs\/index$/, 'docs')}/`
}

function relativeAddress(from: string, to: string): string {
  const up = '../'.repeat(from.split('/').length - 1)
  return `${up}${to}`
}
