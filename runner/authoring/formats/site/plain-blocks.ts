import type { ImportNote } from '../draft.ts'
import { capitalized, endOfFence, folds, noticeOf, without } from './block.ts'
import type { Block, Line } from './block.ts'
import { valuesAsInputs } from './expressions.ts'
import { highlighted, shortcode } from './hugo.ts'
import { callout, tagBlock, withoutRaw } from './jekyll.ts'
import { generatorNotes } from './leftovers.ts'
import { codeDirective, directive, targetLines, targetNames, withTargets } from './sphinx.ts'

// Generators of sites have blocks that Markdown does not have: admonitions, folds and tabs. They contain Markdown
// again, and so may contain commands.

/** A document whose blocks are those of Markdown. */
export interface PlainBlocks {
  text: string
  /** The line of the document that each line of the text comes from, both from 1: `lineOf[line - 1]`. */
  lineOf: readonly number[]
  notes: readonly ImportNote[]
}

/** The blocks of MkDocs, Docusaurus, VuePress, Hugo, Jekyll, GitBook and Sphinx as quotes, folds, bold titles and fences. */
export function plainBlocks(text: string): PlainBlocks | undefined {
  if (
    !/^[\t >]*(?:!!!|\?\?\?|===[!+]? "|:::|`{3,}\{|~{3,}\{|\([A-Za-z][\w.:-]*\)=)|\{\{[<%#]|\{%|\{\{\s*(?:site|page)\.|^\s*-{1,2}8<|\[!INCLUDE/im.test(
      text,
    )
  )
    return undefined
  const source = text
    .split('\n')
    .flatMap((line, index) => withoutRaw({ text: line, number: index + 1 }) ?? [])
  const notes: ImportNote[] = []
  const names = targetNames(source)
  const lines = convert(source, { notes, names })
  notes.push(...generatorNotes(lines))
  const plain = lines.map((line) => line.text).join('\n')
  return plain === text && notes.length === 0
    ? undefined
    : { text: plain, lineOf: lines.map(({ number }) => number), notes }
}

interface Conversion {
  notes: ImportNote[]
  /** Targets of the document that its links may name. */
  names: ReadonlySet<string>
}

function convert(lines: readonly Line[], conversion: Conversion): Line[] {
  const { notes, names } = conversion
  const out: Line[] = []
  let tabs: Line[] = []
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? { text: '', number: 0 }
    const code = highlighted(lines, index) ?? codeDirective(lines, index)
    const block = code ? undefined : blockAt(lines, index)
    const end = code || block ? undefined : endOfFence(lines, index)
    if (block?.kind === 'tab' || line.text.trim() !== '') tabs = noteTabs(tabs, block, line, notes)
    if (code) out.push(...valuesAsInputs(code.lines))
    else if (end !== undefined) out.push(...valuesAsInputs(lines.slice(index, end)))
    else if (block)
      out.push(
        ...plainBlock(block, line, convert(block.inner, conversion)),
        ...gap(block, lines[block.after], line),
      )
    else out.push(...(targetLines(line) ?? [{ ...line, text: withTargets(line.text, names) }]))
    index = end ?? code?.after ?? block?.after ?? index + 1
  }
  noteTabs(tabs, undefined, undefined, notes)
  return out
}

function blockAt(lines: readonly Line[], index: number): Block | undefined {
  return (
    indented(lines, index) ??
    directive(lines, index) ??
    container(lines, index) ??
    shortcode(lines, index) ??
    callout(lines, index) ??
    tagBlock(lines, index)
  )
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
  if (block?.kind === 'tab' && line) return [...tabs, { text: block.title, number: line.number }]
  const [first] = tabs
  if (first && tabs.length > 1)
    notes.push({
      line: first.number,
      message: `the tabs ${tabs.map(({ text }) => `\`${text}\``).join(', ')} became parts of the page that follow each other: a run has the steps of all of them`,
    })
  return []
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
    kind: isTab ? 'tab' : kind,
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
  const isFold = folds.has(kind.toLowerCase())
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
  if (kind === 'tabs') return within('')
  if (kind === 'tab') return [...heading.map((text) => line(text)), ...within('')]
  const notice = [`[!${noticeOf(kind) ?? 'NOTE'}]`, ...heading]
  return [...notice.map((text) => line(`> ${text}`)), ...within('> ')]
}
