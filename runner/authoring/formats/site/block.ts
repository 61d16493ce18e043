/** A line of a document, with its number from 1. */
export interface Line {
  text: string
  number: number
}

/** A block of a generator of sites, which holds Markdown. */
export interface Block {
  /** The name of an admonition, `tab`, or `tabs` for what only holds tabs. */
  kind: string
  folded?: 'closed' | 'open' | undefined
  title: string
  /** The text before the first character of the block: the columns of a list, or the marks of a quote. */
  prefix: string
  inner: readonly Line[]
  /** The index of the line after the block. */
  after: number
}

/** Code of a generator of sites as a fence of Markdown. */
export interface Fenced {
  lines: Line[]
  /** The index of the line after the code. */
  after: number
}

/** The index of the line that closes what a line opens; blocks of the same name inside are skipped. -1 when none does. */
export function closingLine(lines: readonly Line[], index: number, opens: RegExp, closes: RegExp): number {
  let open = 0
  return lines.findIndex(({ text }, at) => {
    if (at <= index) return false
    if (closes.test(text)) return open-- === 0
    if (opens.test(text)) open += 1
    return false
  })
}

const fence = /^[\t >]*(?:(?:[-*+]|\d+[.)])\s+)*(`{3,}|~{3,})/

/** The index after a fence that opens at a line. Undefined when none does. */
export function endOfFence(lines: readonly Line[], index: number): number | undefined {
  const marks = fence.exec(lines[index]?.text ?? '')?.[1]
  if (marks === undefined) return undefined
  const closing = new RegExp(`^[\\t >]*${marks[0] === '`' ? '`' : '~'}{${marks.length},}\\s*$`)
  const end = lines.findIndex(({ text }, at) => at > index && closing.test(text))
  return end === -1 ? lines.length : end + 1
}

export function without(prefix: string, lines: readonly Line[]): Line[] {
  return lines.map(({ text, number }) => ({
    text: text.startsWith(prefix) ? text.slice(prefix.length) : text,
    number,
  }))
}

export function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

/** The notice of GitHub for the name of an admonition. Undefined when it is not one of those in use. */
export function noticeOf(kind: string): string | undefined {
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

/** Names of blocks that a reader opens. */
export const folds: ReadonlySet<string> = new Set(['collapse', 'details', 'dropdown', 'expand'])
