import type { Definition, Html, Link, LinkReference, Nodes, Parent, PhrasingContent, Root } from 'mdast'
import { toString } from 'mdast-util-to-string'
import type { LinkLibrary } from '../../runner/links/link-targets.ts'
import { resolveLink } from '../../runner/links/resolve-link.ts'
import type { LinkTarget } from '../../runner/links/resolve-link.ts'

export interface Page {
  /** Absolute path of the document. */
  path: string
  library: LinkLibrary
  /** Address that edits a file once its path is added. */
  edit?: string | undefined
  /** Whether a link that leads nowhere becomes its words; else it stays, and the build refuses it. */
  lenient: boolean
}

/**
 * Turns links between files (`./Other.md#step`) into links between pages, so that a document works in an editor,
 * on a code host and here. A file without a page is linked where it can be read, or named after the link's words.
 */
export function resolveLinks(tree: Root, page: Page): void {
  const wordsOnly = new Map<string, LinkTarget>()
  visit(tree, (node) => {
    if (node.type !== 'definition') return undefined
    const target = resolveLink(node.url, page.path, page.library)
    const href = hrefOf(target, node.url, page)
    if (href === undefined) wordsOnly.set(node.identifier, target)
    else node.url = href
    return undefined
  })
  visit(tree, (node) => {
    if (node.type === 'html') return void (node.value = withHrefs(node, page))
    if (node.type === 'linkReference') {
      const target = wordsOnly.get(node.identifier)
      return target ? words(node, target, '') : undefined
    }
    if (node.type !== 'link') return undefined
    const target = resolveLink(node.url, page.path, page.library)
    const href = hrefOf(target, node.url, page)
    if (href === undefined) return words(node, target, node.url)
    node.url = href
    return undefined
  })
}

type Linking = Link | LinkReference | Definition | Html

/** Calls back for everything that links; what it returns takes the node's place. */
function visit(parent: Parent, rewrite: (node: Linking) => PhrasingContent[] | undefined): void {
  parent.children = (parent.children as Nodes[]).flatMap((child): Nodes[] => {
    if ('children' in child) visit(child, rewrite)
    if (!/^(?:link|linkReference|definition|html)$/.test(child.type)) return [child]
    return rewrite(child as Linking) ?? [child]
  }) as never
}

/** The address to link to, seen from the page; undefined when only the words of the link can be shown. */
function hrefOf(target: LinkTarget, url: string, { path, library, edit, lenient }: Page): string | undefined {
  switch (target.type) {
    case 'page':
      // A fragment of the page itself, or a page: from the root of the site, which need not be that of its host.
      return target.path === path && /^[#?]/.test(url)
        ? url
        : upFrom(path, library) + encodeURI(`${target.address}/`) + target.suffix
    case 'site':
      return upFrom(path, library) + encodeURI(target.address) + target.suffix
    case 'file':
      return edit === undefined ? undefined : edit + encodeURI(target.file)
    case 'acts':
      return undefined
    case 'missing':
      return lenient ? undefined : url
    default:
      return url
  }
}

function upFrom(path: string, { addresses }: LinkLibrary): string {
  return '../'.repeat((addresses.get(path) ?? '').split('/').length)
}

/** The words of a link that cannot be one; the file it leads to is named after them, unless they name it. */
function words(node: Link | LinkReference, target: LinkTarget, url: string): PhrasingContent[] {
  // It would act, not lead: it is shown as what it is.
  if (target.type === 'acts') return [{ type: 'inlineCode', value: url }]
  if (target.type !== 'file' || target.file === '') return node.children
  if (toString(node).includes(target.file)) return node.children
  return [
    ...node.children,
    { type: 'text', value: ' (' },
    { type: 'inlineCode', value: target.file },
    { type: 'text', value: ')' },
  ]
}

const linkInHtml = /(<a(?=\s)[^<>]*?)\shref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/gi

function addressIn(double?: string, single?: string): string {
  return (double ?? single ?? '').replaceAll('&amp;', '&')
}

/** The addresses of the links that are written as HTML. */
export function linksInHtml(text: string): string[] {
  return [...text.matchAll(linkInHtml)].map(([, , double, single]) => addressIn(double, single))
}

/** The same for links that are written as HTML. One that leads nowhere loses its address and keeps its words. */
function withHrefs({ value }: Html, page: Page): string {
  return value.replaceAll(linkInHtml, (_whole, start: string, double?: string, single?: string) => {
    const url = addressIn(double, single)
    const href = hrefOf(resolveLink(url, page.path, page.library), url, page)
    return href === undefined
      ? start
      : `${start} href="${href.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
  })
}
