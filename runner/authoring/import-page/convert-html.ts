import type { Html, Nodes, Root } from 'mdast'
import { commentText, walk } from '../../model/text/tree.ts'
import { escapeMdx } from '../formats/draft.ts'
import { splitTables } from './convert-tables.ts'
import { addressFor, block, prefixOf, range, replace } from './page-work.ts'
import type { Work } from './page-work.ts'

/** Without the element after it, a list would go on with the items of the next one. */
export function nodesAfterLists(tree: Root): Set<Nodes> {
  const children = [tree, ...walk(tree)].map((node): Nodes[] => ('children' in node ? node.children : []))
  return new Set(
    children.flatMap((all) => all.filter(({ type }, at) => type === 'html' && all[at - 1]?.type === 'list')),
  )
}

const kept = /^<\/?(?:details|summary|kbd|sub|sup)(?:\s+open)?\s*>$/i
/** Markup that only changes the look or the place of words. */
const looks =
  /^<\/?(?:abbr|article|aside|b|big|button|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|header|i|ins|label|main|mark|nav|nobr|p|s|section|small|span|strike|strong|tt|u)(?:\s[^<>]*)?\/?>$/i

export function convertHtml(node: Html, work: Work): void {
  const parts = splitTables(node, work)
  if (parts) return replace(node, tablesApart(parts, node, work), work)
  const comment = commentText(node)
  const tags = node.value.split(tagOrComment)
  if (
    comment === undefined &&
    !node.value.includes('\n') &&
    tags.every((part) => part.trim() === '' || kept.test(part))
  )
    return
  const words = wordsOf(node.value, node, work)
  const text = words.trim() === '' && work.afterLists.has(node) ? '{/* */}' : words
  const blocks = /<\/?details\b|<summary\b/.test(text)
  const prefix = prefixOf(node, work.source)
  replace(node, blocks ? spaced(text, node, work) : block(text.split('\n'), prefix), work)
}

const tagOrComment = /(<!--[\s\S]*?(?:-->|$)|<\/?[A-Za-z][^<>]*>)/

function wordsOf(html: string, node: Html, work: Work): string {
  return html
    .split(tagOrComment)
    .map((part) => convertTag(part, node, work))
    .join('')
}

/** Tables between the words around them, with empty lines around each. */
function tablesApart(parts: readonly { text: string; isTable: boolean }[], node: Html, work: Work): string {
  const prefix = prefixOf(node, work.source)
  const blocks = parts
    .map(({ text, isTable }) => (isTable ? text : wordsOf(text, node, work).trim()))
    .filter((text) => text !== '')
  return (touchesAbove(node, work) ? `\n${prefix}` : '') + block(blocks.join('\n\n').split('\n'), prefix)
}

function touchesAbove(node: Html, work: Work): boolean {
  const [own = '', above = ''] = work.source.slice(0, range(node)[0]).split('\n').toReversed()
  return /^[\t >]*$/.test(own) && /[^\t >]/.test(above)
}

/** An element that holds blocks stands on lines of its own in MDX, with empty lines around it. */
function spaced(text: string, node: Html, work: Work): string {
  const prefix = prefixOf(node, work.source)
  const apart = text.replaceAll(/<\/?details[^<>]*>|<summary>|<\/summary>/g, (tag) =>
    tag === '<summary>' ? `\n${tag}` : tag === '</summary>' ? `${tag}\n` : `\n${tag}\n`,
  )
  const lines = apart.split('\n').filter((line) => line.trim() !== '')
  const gap = `\n${prefix.trimEnd()}\n${prefix}`
  return (touchesAbove(node, work) ? `\n${prefix}` : '') + lines.map((line) => line.trim()).join(gap)
}

function convertTag(part: string, node: Html, work: Work): string {
  if (part.startsWith('<!--')) return convertComment(part)
  if (kept.test(part)) return part.toLowerCase()
  if (/^<br\s*\/?>$/i.test(part)) return '<br />'
  if (/^<\/a>$/i.test(part)) return ''
  const anchor = attribute(part, 'id') ?? attribute(part, 'name')
  const named = anchor === undefined ? '' : `<a id="${anchor}"></a>`
  const element = /^<(details|summary|kbd|sub|sup)\s/i.exec(part)?.[1]?.toLowerCase()
  if (element === 'details') return `${named}\n<details${/\sopen\b/i.test(part) ? ' open' : ''}>`
  if (element !== undefined) return `<${element}>${named}`
  if (anchor !== undefined) return named
  const image = /^<img\s/i.test(part) ? attribute(part, 'src') : undefined
  if (image !== undefined)
    return `![${escapeMdx(attribute(part, 'alt') ?? '')}](${addressFor(image, node, work)})`
  const link = /^<a\s/i.test(part) ? attribute(part, 'href') : undefined
  if (link !== undefined) return `[${link}](${addressFor(link, node, work)}) `
  if (!part.startsWith('<')) return escapeMdx(part)
  const gone = looks.test(part)
  if (!gone || !part.startsWith('</')) work.html.push({ part, gone, line: node.position?.start.line ?? 1 })
  return gone ? '' : escapeMdx(part)
}

/** The value of an attribute in a tag as written. */
function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(
    `^<\\w+\\s[^<>]*?\\b${name}\\s*=\\s*(?:"([^"<>]+)"|'([^'<>]+)'|([^\\s"'<>]+))`,
    'i',
  ).exec(tag)
  return match?.[1] ?? match?.[2] ?? match?.[3]
}

function convertComment(comment: string): string {
  const inner = comment.replace(/^<!--/, '').replace(/-->$/, '')
  const anchor = /^\s*anchor:\s*(\S+)\s*$/.exec(inner)?.[1]
  if (anchor !== undefined) return `<a id="${anchor}"></a>`
  return `{/*${inner.replaceAll('*/', '*∕')}*/}`
}
