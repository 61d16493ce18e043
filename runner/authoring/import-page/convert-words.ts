import type { Definition, Heading, Image, Link, Text } from 'mdast'
import { decodeUri } from '../../model/text/decode-uri.ts'
import { headingText } from '../../model/text/outline.ts'
import { isShown } from '../../model/text/shown-tags.ts'
import { descendants } from '../../model/text/tree.ts'
import { escapeMdx } from '../formats/draft.ts'
import { addressFor, block, prefixOf, range, replace } from './page-work.ts'
import type { Work } from './page-work.ts'

export function escapeText(node: Text, work: Work): void {
  const [from, to] = range(node)
  const original = work.source.slice(from, to)
  const atStart = node.position?.start.column === 1 ? /^(?:im|ex)port\b/.exec(original)?.[0] : undefined
  // At the start of a line these words are JavaScript to MDX; the first letter as a reference is the same text.
  const text =
    atStart === undefined
      ? escapeMdx(original)
      : `&#${original.charCodeAt(0)};${escapeMdx(original.slice(1))}`
  if (text !== original) work.edits.push({ from, to, text })
}

/** `<https://…>` is an element to MDX. */
export function convertAddress(node: Link | Definition | Image, work: Work): void {
  const [from, to] = range(node)
  // A placeholder such as `http://HOST:PORT` leads nowhere, and is text.
  if (/^https?:/i.test(node.url) && !URL.canParse(node.url) && isBare(work.source, from))
    return replace(node, `\`${node.url}\``, work)
  if (work.source[from] === '<') {
    const words = escapeMdx(node.url.replace(/^mailto:/, ''))
    return replace(node, `[${words}](${node.url})`, work)
  }
  const text = work.source.slice(from, to)
  // A shortcode of Hugo is an expression to MDX.
  const shortcode =
    /(?:\{\{\s*site\.\w+\s*\}\})?(?:\{\{[<%][^}]*\}\}|\{%[^}]*%\}[^\s)]*)|\{\{\s*(?:site\.(?:base)?url|["'][^}]*)\s*\}\}[^\s)]*/.exec(
      text,
    )?.[0]
  const address = shortcode ?? node.url
  const url = addressFor(plainAddress(node.url), node, work)
  const at = url === address ? -1 : text.lastIndexOf(address)
  if (at !== -1) work.edits.push({ from: from + at, to: from + at + address.length, text: url })
}

/** Whether the text at a place is an address by itself. */
function isBare(source: string, from: number): boolean {
  return source[from] === '<' || /^https?:/i.test(source.slice(from, from + 6))
}

/** An address whose scheme is encoded, as some generators of badges write it. */
function plainAddress(url: string): string {
  return /^https?%3a%2f%2f/i.test(url) ? (decodeUri(url) ?? url) : url
}

/** The address of a heading stays: an element before it has the name that MDX would not give it. */
export function convertHeading(node: Heading, work: Work): void {
  const { explicit } = headingText(node)
  const name = explicit ?? (descendants(node, 'text').some(isShown) ? work.names.get(node) : undefined)
  if (name === undefined) return
  const [from, to] = range(node)
  // A step takes the name of its heading, and with it its address. Another heading has its own words as its name.
  const before =
    work.stepIds.has(name) || (explicit !== undefined && name === work.names.get(node))
      ? ''
      : block([`<a id="${name}"></a>`, '', ''], prefixOf(node, work.source))
  if (explicit === undefined) return void work.edits.push({ from, to: from, text: before })
  const text = work.source.slice(from, to).replace(/\s*\{#[^}]*\}\s*#*\s*$/, '')
  work.edits.push({ from, to, text: before + text })
}
