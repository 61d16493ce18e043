import { htmlToMarkdown } from '@mdream/js/core'
import type { Html, Nodes, Parents, Root } from 'mdast'
import { fenceMarks } from '../../model/text/fence-marks.ts'
import { walk } from '../../model/text/tree.ts'
import { escapeMdx } from '../formats/draft.ts'
import { addressFor, prefixOf, range } from './page-work.ts'
import type { Work } from './page-work.ts'

/** The most parts that one table can have. */
const mostParts = 1000

/** Markup of a table that no table of Markdown can have. */
const beyondMarkdown =
  /\b(?:col|row)span\s*=\s*["']?\s*(?!1\b)|<(?:blockquote|caption|details|dl|h[1-6]|hr|ol|pre|ul)\b|<table\b[\s\S]*<table\b/i

/** After an empty line Markdown reads the words of a cell: a line of them with markup of its own. */
const markdownInside = /\n[\t >]*\n[\t >]*(?![\t ><])(?:[-+|]|\d+[.)]|[^\n]*[*_`[#])/

/**
 * Joins the parts of each table that has empty lines, at which Markdown ends its markup. Parts with a fence stay apart: it may be a step.
 */
export function joinTables(tree: Root, source: string): void {
  for (const node of [tree, ...walk(tree)]) if ('children' in node) joinIn(node, source)
}

function joinIn(parent: Parents, source: string): void {
  const { children } = parent
  for (let first = 0; first < children.length; first++) {
    const node = children[first]
    if (node?.type !== 'html') continue
    let open = openTables(node.value)
    for (let last = first + 1; open > 0 && last < Math.min(children.length, first + mostParts); last++) {
      const part = children[last]
      if (part === undefined || isFence(part, source) || part.type === 'heading') break
      if (part.type === 'html') open += openTables(part.value)
      if (open > 0) continue
      const [from, to] = [range(node)[0], range(part)[1]]
      if (node.position && part.position) node.position.end = part.position.end
      node.value = source.slice(from, to)
      children.splice(first + 1, last - first)
    }
  }
}

/** How many tables go on after the text. */
function openTables(text: string): number {
  return tags(text).reduce((sum, { isEnd }) => sum + (isEnd ? -1 : 1), 0)
}

function tags(text: string): { isEnd: boolean; from: number; to: number }[] {
  return [...text.matchAll(/<table\b|<\/table\s*>/gi)].map(({ 0: tag, index }) => ({
    isEnd: tag.startsWith('</'),
    from: index,
    to: index + tag.length,
  }))
}

/** Where the whole tables of the text begin and end, without those inside another one. */
function wholeTables(text: string): [from: number, to: number][] {
  const whole: [from: number, to: number][] = []
  const open: number[] = []
  for (const { isEnd, from, to } of tags(text)) {
    if (!isEnd) open.push(from)
    else if (open.length === 1) whole.push([open[0] ?? from, to])
    if (isEnd) open.pop()
  }
  return open.length > 0 ? [] : whole
}

function isFence(node: Nodes, source: string): boolean {
  return node.type === 'code' && /^[`~]{3}/.test(source.slice(range(node)[0]))
}

/**
 * HTML around its tables, and each table as Markdown: one of rows and cells as a table, any other as its source in a fence, for nothing
 * of it may be lost. Undefined for HTML without a whole table.
 */
export function splitTables(node: Html, work: Work): { text: string; isTable: boolean }[] | undefined {
  const { value } = node
  const tables = wholeTables(value)
  if (tables.length === 0) return undefined
  const parts: { text: string; isTable: boolean }[] = []
  let at = 0
  const sources = sourcesOf(tables.length, node, work)
  for (const [index, [from, to]] of tables.entries()) {
    const html = value.slice(from, to)
    parts.push({ text: value.slice(at, from), isTable: false })
    parts.push({
      text: markdownTable(html, node, work) ?? fenced(sources[index] ?? html, node, work),
      isTable: true,
    })
    at = to
  }
  return [...parts, { text: value.slice(at), isTable: false }]
}

/** The tables as they are written: the tree has `&lt;` where words look like tags. In a list or a quote the lines have a prefix. */
function sourcesOf(count: number, node: Html, { source }: Work): string[] {
  const own = source.slice(...range(node))
  const tables = wholeTables(own)
  return tables.length === count && prefixOf(node, source) === ''
    ? tables.map(([from, to]) => own.slice(from, to))
    : []
}

function markdownTable(html: string, node: Html, work: Work): string | undefined {
  if (beyondMarkdown.test(html) || markdownInside.test(html)) return undefined
  const columns = Math.max(...html.split(/<tr\b/i).map((row) => row.match(/<t[dh]\b/gi)?.length ?? 0))
  // Markdown makes a heading of the first row.
  const head = /<th\b/i.test(html) ? '' : `<tr>${'<th></th>'.repeat(columns)}</tr>`
  const moved = html
    .replaceAll(/\n(?:[\t >]*\n)+/g, '\n')
    .replaceAll(/<\/?(?:ins|mark|u)(?:\s[^<>]*)?>/gi, '')
    .replace(/(?=<tr\b)/i, head)
    .replaceAll(
      /\b(href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi,
      (_, name: string, double?: string, single?: string) => {
        return `${name}="${addressFor(double ?? single ?? '', node, work)}"`
      },
    )
  const lines = htmlToMarkdown(moved).trim().split('\n')
  if (lines.some((line) => !line.startsWith('|'))) return undefined
  const anchors = [...html.matchAll(/<[a-z]\w*\s[^<>]*?\b(?:id|name)\s*=\s*["']?([^\s"'<>]+)/gi)].map(
    ([, name]) => `<a id="${name}"></a>`,
  )
  return [...(anchors.length > 0 ? [anchors.join(''), ''] : []), ...lines.map(mdxOf)].join('\n')
}

/** A line of Markdown as MDX. Code and the elements that both know stay. */
function mdxOf(line: string): string {
  return line
    .trim()
    .split(/(`+[^`]*`+|<br>|<\/?(?:kbd|sub|sup)>)/)
    .map((part, index) => (part === '<br>' ? '<br />' : index % 2 === 1 ? part : escapeMdx(part)))
    .join('')
}

function fenced(html: string, node: Html, work: Work): string {
  work.notes.push({
    line: node.position?.start.line ?? 1,
    message:
      'a table in HTML with merged cells, or with lists or code in them, became a fence with its source: write it as a table of Markdown or as a list',
  })
  const ticks = fenceMarks(html)
  return [`${ticks}html`, ...html.split('\n'), ticks].join('\n')
}
