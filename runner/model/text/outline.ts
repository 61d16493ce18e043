import GithubSlugger from 'github-slugger'
import type { Heading, Nodes, Parent, Root } from 'mdast'
import { toString } from 'mdast-util-to-string'
import { wordsOf } from '../steps/common-params.ts'
import type { Place } from '../diagnostic.ts'
import { placeOf } from './place.ts'
import type { Anchor, Ignore, DocumentLink, Step } from '../runbook.ts'
import { isShown } from './shown-tags.ts'
import { commentText, walk } from './tree.ts'

export interface Outline {
  anchors: Anchor[]
  links: DocumentLink[]
  ignores: Ignore[]
  /** Text of the first level-1 heading. */
  heading?: string
}

const explicitId = /\s*\{#([A-Za-z0-9_][\w.:-]*)\}\s*$/
const alertHeading = /^alert(?: name)?:?\s+["\u201C`']?([A-Z][A-Za-z0-9_]+)["\u201D`']?$/i

/** A heading's text, and the name its author gave it with `{#name}`. */
export function headingText(heading: Heading): { text: string; explicit?: string } {
  return withoutId(toString(heading, { includeHtml: false }))
}

function withoutId(heading: string): { text: string; explicit?: string } {
  const explicit = explicitId.exec(heading)
  return explicit
    ? { text: heading.slice(0, explicit.index), explicit: explicit[1] ?? '' }
    : { text: heading.trim() }
}

/** The text that a heading's address is made of: as on code hosts, without what was read as HTML. */
function addressText(heading: Heading): string {
  const shown = [...walk(heading)].map((node) => {
    if (node.type === 'text') return isShown(node) ? '' : node.value
    return node.type === 'html' || 'children' in node ? '' : toString(node)
  })
  return withoutId(shown.join('')).text
}

/** Everything a link may lead to or lead away from, and which warnings are silenced where. */
export function outlineOf(tree: Root, file: string): Outline {
  const outline: Outline = { anchors: [], links: [], ignores: [] }
  for (const node of walk(tree)) {
    if (node.type === 'heading' && node.depth === 1) outline.heading ??= headingText(node).text
    outline.links.push(...linksOf(node, file))
    outline.anchors.push(...explicitAnchors(node, file))
  }
  outline.ignores.push(...ignoresOf(tree))
  return outline
}

/**
 * The anchors of headings. In MDX the ids of steps are taken first, as on the page; in Markdown a step takes the name
 * of its heading, so headings come first.
 */
export function headingAnchors(
  headings: readonly Heading[],
  reserved: readonly string[],
  file: string,
): Map<Heading, Anchor[]> {
  const slugger = new GithubSlugger()
  for (const name of reserved) slugger.occurrences[name] = 0
  return new Map(headings.map((heading) => [heading, anchorsOfHeading(heading, slugger, file)]))
}

function anchorsOfHeading(heading: Heading, slugger: GithubSlugger, file: string): Anchor[] {
  const place = placeOf(heading, file)
  const { text, explicit } = headingText(heading)
  const anchors: Anchor[] = [{ name: slugger.slug(addressText(heading)), kind: 'heading', place }]
  if (explicit !== undefined) anchors.unshift({ name: explicit, kind: 'explicit', place })
  const alert = alertHeading.exec(text)?.[1]
  if (alert !== undefined) anchors.push({ name: alert.toLowerCase(), kind: 'alias', place })
  return anchors
}

/** The ids of steps, and the ids they had before. */
export function stepAnchors(steps: readonly Step[]): Anchor[] {
  return steps.flatMap((step): Anchor[] => {
    const id = step.attributes['id']
    const was = step.attributes['was']
    const former = typeof was?.value === 'string' ? wordsOf(was.value) : []
    return [
      ...(step.id === '' ? [] : [{ name: step.id, kind: 'step' as const, place: id?.place ?? step.place }]),
      ...former.map((name) => ({ name, kind: 'alias' as const, place: was?.place ?? step.place })),
    ]
  })
}

function explicitAnchors(node: Nodes, file: string): Anchor[] {
  const place = placeOf(node, file)
  const anchor = (name: string): Anchor => ({ name, kind: 'explicit', place })
  const comment = commentText(node)
  const named = comment === undefined ? undefined : /^\s*anchor:\s*(\S+)\s*$/.exec(comment)?.[1]
  if (named !== undefined) return [anchor(named)]
  if (node.type === 'html') return htmlAnchors(node.value).map(anchor)
  if ((node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') && node.name === 'a') {
    return node.attributes.flatMap((attribute) =>
      attribute.type === 'mdxJsxAttribute' &&
      /^(id|name)$/.test(attribute.name) &&
      typeof attribute.value === 'string'
        ? [anchor(attribute.value)]
        : [],
    )
  }
  return []
}

function htmlAnchors(html: string): string[] {
  const visible = html.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, (comment) =>
    /^<!--\s*anchor:/.test(comment) ? comment : '',
  )
  const comments = [...visible.matchAll(/<!--\s*anchor:\s*(\S+?)\s*-->/g)].map((match) => match[1] ?? '')
  const tags = [
    ...visible.matchAll(
      /<[a-z][a-z0-9]*\s[^<>]*?\b(?:id|name)\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)'|([^\s"'<>=`]+))/gi,
    ),
  ]
  return [...comments, ...tags.map((match) => match[1] ?? match[2] ?? match[3] ?? '')]
}

function linksOf(node: Nodes, file: string): DocumentLink[] {
  const place = placeOf(node, file)
  if (node.type === 'link' || node.type === 'definition') return [{ url: node.url, kind: 'link', place }]
  if (node.type === 'image') return [{ url: node.url, kind: 'image', place }]
  if (node.type !== 'html') return []
  const visible = node.value.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
  return [...visible.matchAll(/<(a|img)\s[^<>]*?\b(href|src)\s*=\s*["']([^"'<>]+)["']/gi)].map((match) => ({
    url: match[3] ?? '',
    kind: match[1]?.toLowerCase() === 'img' ? 'image' : 'link',
    place,
  }))
}

/** A comment `runbook-ignore: code, code` silences those warnings on its own line and in the block after it. */
function ignoresOf(parent: Parent): Ignore[] {
  const children = parent.children as Nodes[]
  return children.flatMap((child, index): Ignore[] => {
    const codes = /^\s*runbook-ignore:?\s+([\w-]+(?:[\s,]+[\w-]+)*)/.exec(commentText(child) ?? '')?.[1]
    const nested = 'children' in child ? ignoresOf(child) : []
    if (codes === undefined) return nested
    const from: Place = placeOf(child, '')
    const next = children[index + 1] ?? child
    return [
      ...nested,
      { codes: codes.split(/[\s,]+/), from: from.line, to: placeOf(next, '').endLine ?? from.line },
    ]
  })
}
