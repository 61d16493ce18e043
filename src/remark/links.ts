import { dirname, relative, resolve, sep } from 'node:path'
import type { Nodes, Root } from 'mdast'

/**
 * Turns links between files (`./Other.md#step`) into links between pages, so that a document works in an editor,
 * on a code host and here.
 */
export function resolveLinks(tree: Root, path: string, content: string): void {
  visit(tree, (url) => pageLink(url, path, content))
}

function visit(node: Nodes, rewrite: (url: string) => string): void {
  if (node.type === 'link' || node.type === 'definition') node.url = rewrite(node.url)
  if ('children' in node) for (const child of node.children) visit(child, rewrite)
}

export function pageLink(url: string, path: string, content: string): string {
  const match = /^(?![a-z][a-z0-9+.-]*:|\/|#)([^?#]*\.mdx?)([?#].*)?$/i.exec(url)
  if (!match) return url
  const target = pageOf(resolve(dirname(path), decodeURI(match[1] ?? '')), content)
  const here = pageOf(path, content)
  if (target === undefined || here === undefined) return url
  return `${relativeAddress(here, target)}${match[2] ?? ''}`
}

/** The address of a document's page below the site's root, without a leading slash. */
function pageOf(path: string, content: string): string | undefined {
  const inside = relative(dirname(content), path).split(sep).join('/')
  const runbook = relative(content, path).split(sep).join('/')
  const name = runbook.startsWith('..') ? inside : `runbooks/${runbook}`
  if (name.startsWith('..')) return undefined
  return `${name
    .replace(/\.mdx?$/i, '')
    .replace(/(^|\/)index$/, '')
    .toLowerCase()}/`
}

function relativeAddress(from: string, to: string): string {
  const up = '../'.repeat(from.split('/').length - 1)
  return `${up}${to}`
}
