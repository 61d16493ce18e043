import { fenceMarks } from '../../model/text/fence-marks.ts'
import type { ImportNote } from './draft.ts'

// Generators of sites have blocks that Markdown does not have: admonitions, folds and tabs. They contain Markdown
// again, and so may contain commands.

/** A document whose blocks are those of Markdown. */
export interface PlainBlocks {
  text: string
  /** The line of the document that each line of the text comes from, both from 1: `lineOf[line - 1]`. */
  lineOf: readonly number[]
  notes: readonly ImportNote[]
}

interface Line {
  text: string
  number: number
}

interface Block {
  /** Undefined: a tab. */
  kind: string | undefined
  folded?: 'closed' | 'open' | undefined
  title: string
  prefix: string
  inner: readonly Line[]
  /** The index of the line after the block. */
  after: number
}

/** The blocks of MkDocs, Docusaurus, VuePress, Hugo and Jekyll as quotes, folds, bold titles and fences. */
export function plainBlocks(text: string): PlainBlocks | undefined {
  if (!/^[\t ]*(?:!!!|\?\?\?|===[!+]? "|:::|\{\{[<%]|\{% *highlight)/m.test(text)) return undefined
  const notes: ImportNote[] = []
  const lines = convert(
    text.split('\n').map((line, index) => ({ text: line, number: index + 1 })),
    notes,
  )
  const plain = lines.map((line) => line.text).join('\n')
  return plain === text ? undefined : { text: plain, lineOf: lines.map(({ number }) => number), notes }
}

function convert(lines: readonly Line[], notes: ImportNote[]): Line[] {
  const out: Line[] = []
  let tabs: Line[] = []
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? { text: '', number: 0 }
    const end = endOfFence(lines, index)
    const highlighted = highlight(lines, index)
    const block =
      end === undefined && !highlighted
        ? (indented(lines, index) ?? container(lines, index) ?? shortcode(lines, index))
        : undefined
    if (block?.kind === undefined && line.text.trim() !== '') tabs = noteTabs(tabs, block, line, notes)
    if (end !== undefined) out.push(...lines.slice(index, end))
    else if (highlighted) out.push(...highlighted.lines)
    else if (block)
      out.push(
        ...plainBlock(block, line, convert(block.inner, notes)),
        ...gap(block, lines[block.after], line),
      )
    else out.push(line)
    index = end ?? highlighted?.after ?? block?.after ?? index + 1
  }
  noteTabs(tabs, undefined, undefined, notes)
  return out
}

/** Without an empty line, the text after a quote or a fold would belong to it. */
function gap({ inner }: Block, next: Line | undefined, { number }: Line): Line[] {
  return next === undefined || next.text.trim() === ''
    ? []
    : [{ text: '', number: inner.at(-1)?.number ?? number }]
}

/** Tabs that follow each other are alternatives, which the result cannot tell. */
function noteTabs(
  tabs: readonly Line[],
  block: Block | undefined,
  line: Line | undefined,
  notes: ImportNote[],
): Line[] {
  if (block && line) return [...tabs, { text: block.title, number: line.number }]
  const [first] = tabs
  if (first && tabs.length > 1)
    notes.push({
      line: first.number,
      message: `the tabs ${tabs.map(({ text }) => `\`${text}\``).join(', ')} became parts of the page that follow each other: a run has the steps of all of them`,
    })
  return []
}

const fence = /^[\t >]*(?:(?:[-*+]|\d+[.)])\s+)*(`{3,}|~{3,})/

/** The index after a fence that opens at a line. Undefined when none does. */
function endOfFence(lines: readonly Line[], index: number): number | undefined {
  const marks = fence.exec(lines[index]?.text ?? '')?.[1]
  if (marks === undefined) return undefined
  const closing = new RegExp(`^[\\t >]*${marks[0] === '`' ? '`' : '~'}{${marks.length},}\\s*$`)
  const end = lines.findIndex(({ text }, at) => at > index && closing.test(text))
  return end === -1 ? lines.length : end + 1
}

/** `!!! note "Title"`, `??? note`, `=== "Tab"`: what belongs to them is indented by four columns more. */
function indented(lines: readonly Line[], index: number): Block | undefined {
  const [, prefix = '', marks = '', rest = ''] =
    /^([\t ]*)(!!!|\?\?\?\+?|===[!+]?)[\t ]+(\S.*?)\s*$/.exec(lines[index]?.text ?? '') ?? []
  const [, words, title] = /^([a-z][\w-]*(?: +[\w-]+)*)?\s*(?:"(.*)")?$/i.exec(rest) ?? []
  const isTab = marks.startsWith('=')
  if (marks === '' || (isTab ? title === undefined || words !== undefined : words === undefined))
    return undefined
  const deeper = new RegExp(`^${prefix}(?: {4}|\t)`)
  let after = index + 1
  for (let at = after; at < lines.length; at++) {
    const { text = '' } = lines[at] ?? {}
    if (deeper.test(text)) after = at + 1
    else if (text.trim() !== '') break
  }
  const [kind = ''] = words?.split(' ', 1) ?? []
  return {
    kind: isTab ? undefined : kind,
    folded: marks.startsWith('?') ? (marks.endsWith('+') ? 'open' : 'closed') : undefined,
    title: title ?? (marks.startsWith('?') ? capitalized(kind) : ''),
    prefix,
    inner: lines
      .slice(index + 1, after)
      .map(({ text, number }) => ({ text: text.replace(deeper, ''), number })),
    after,
  }
}

/** `:::note[Title]` and `::: tip Title`, up to a line with the same colons. */
function container(lines: readonly Line[], index: number): Block | undefined {
  const [, prefix = '', colons = '', kind = '', bracketed, plain = ''] =
    /^([\t ]*)(:{3,})\s*([a-z]+)\s*(?:\[(.*)\]|(.*?))\s*$/i.exec(lines[index]?.text ?? '') ?? []
  const isFold = kind.toLowerCase() === 'details'
  if (colons === '' || !(isFold || noticeOf(kind) !== undefined)) return undefined
  const end = lines.findIndex(({ text }, at) => at > index && text.trim() === colons)
  if (end === -1) return undefined
  return {
    kind,
    folded: isFold ? 'closed' : undefined,
    title: bracketed ?? (plain || (isFold ? capitalized(kind) : '')),
    prefix,
    inner: without(prefix, lines.slice(index + 1, end)),
    after: end + 1,
  }
}

/** `{{< warning >}}` and `{{% notice tip "Title" %}}`, up to the same with a slash. */
function shortcode(lines: readonly Line[], index: number): Block | undefined {
  const [, prefix = '', name = '', rest = ''] =
    /^([\t ]*)\{\{[<%]\s*([a-z]+)\b([^{}]*?)[>%]\}\}\s*$/i.exec(lines[index]?.text ?? '') ?? []
  const general = /^(?:admonition|alert|callout|hint|notice)$/i.test(name)
  const said =
    /\b(?:type|color)\s*=\s*["']?([a-z]+)/i.exec(rest)?.[1] ??
    /^\s*["']?([a-z]+)\b(?!\s*=)/i.exec(rest)?.[1] ??
    'note'
  const kind = general ? (noticeOf(said) === undefined ? 'note' : said) : name
  if (name === '' || noticeOf(kind) === undefined) return undefined
  const closing = new RegExp(`^\\s*\\{\\{[<%]\\s*/\\s*${name}\\s*[>%]\\}\\}\\s*$`, 'i')
  const end = lines.findIndex(({ text }, at) => at > index && closing.test(text))
  if (end === -1) return undefined
  const title = /\btitle\s*=\s*["']([^"']*)["']/.exec(rest)?.[1] ?? /^\s*\w+\s+"([^"]*)"\s*$/.exec(rest)?.[1]
  return {
    kind,
    title: title ?? '',
    prefix,
    inner: without(prefix, lines.slice(index + 1, end)),
    after: end + 1,
  }
}

/** `{{< highlight shell >}}` of Hugo and `{% highlight shell %}` of Jekyll are fences. */
function highlight(lines: readonly Line[], index: number): { lines: Line[]; after: number } | undefined {
  const line = lines[index]
  const [, prefix = '', lang = ''] =
    /^([\t ]*)\{(?:\{[<%]|%-?)\s*highlight\s+["']?([\w+#.-]+)[^{}]*?(?:[>%]\}|-?%)\}\s*$/.exec(
      line?.text ?? '',
    ) ?? []
  if (!line || lang === '') return undefined
  const closing = /^\s*\{(?:\{[<%]\s*\/\s*highlight\s*[>%]\}|%-?\s*endhighlight\s*-?%)\}\s*$/
  const end = lines.findIndex(({ text }, at) => at > index && closing.test(text))
  if (end === -1) return undefined
  const code = lines.slice(index + 1, end)
  const marks = fenceMarks(code.map(({ text }) => text).join('\n'))
  return {
    lines: [
      { text: `${prefix}${marks}${lang}`, number: line.number },
      ...code,
      { text: `${prefix}${marks}`, number: lines[end]?.number ?? line.number },
    ],
    after: end + 1,
  }
}

function without(prefix: string, lines: readonly Line[]): Line[] {
  return lines.map(({ text, number }) => ({
    text: text.startsWith(prefix) ? text.slice(prefix.length) : text,
    number,
  }))
}

/** The notice of GitHub for the name of an admonition. Undefined when it is not one of those in use. */
function noticeOf(kind: string): string | undefined {
  return notices.find(([, kinds]) => kinds.includes(kind.toLowerCase()))?.[0]
}

const notices: readonly (readonly [string, readonly string[]])[] = [
  [
    'NOTE',
    'abstract cite example faq help info note primary question quote secondary seealso summary tldr todo'.split(
      ' ',
    ),
  ],
  ['TIP', 'check done hint success tip'.split(' ')],
  ['IMPORTANT', ['important']],
  ['WARNING', ['attention', 'warning']],
  ['CAUTION', 'bug caution danger error fail failure missing'.split(' ')],
]

function plainBlock({ kind, folded, title, prefix, inner }: Block, { number }: Line, body: Line[]): Line[] {
  const last = inner.at(-1)?.number ?? number
  const line = (text: string, at = number): Line => ({ text: `${prefix}${text}`.trimEnd(), number: at })
  const within = (marks: string): Line[] => body.map(({ text, number: at }) => line(`${marks}${text}`, at))
  if (folded !== undefined)
    return [
      line(folded === 'open' ? '<details open>' : '<details>'),
      line(''),
      line(`<summary>${title}</summary>`),
      line(''),
      ...within(''),
      line('', last),
      line('</details>', last),
    ]
  const heading = title === '' ? [] : [`**${title}**`, '']
  if (kind === undefined) return [...heading.map((text) => line(text)), ...within('')]
  const notice = [`[!${noticeOf(kind) ?? 'NOTE'}]`, ...heading]
  return [...notice.map((text) => line(`> ${text}`)), ...within('> ')]
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
