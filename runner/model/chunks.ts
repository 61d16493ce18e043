/** A part of a long document that can be parsed by itself. */
export interface Chunk {
  text: string
  /** Offset of its first character, and how many lines stand before it. */
  offset: number
  line: number
}

/** Documents up to this many characters are parsed in one go. */
const small = 32_000
/** How long a part is at least: starting the parser costs too. */
const least = 4_000

const fence = /^ {0,3}(`{3,}|~{3,})/
/** After an empty line, a line that is neither indented nor a list item or quote belongs to nothing before it. */
const startsBlock = /^(?![-*+>]|\d+[.)])\S/
const rawHtml = /^ {0,3}<(?:!--|\?|!\[CDATA\[|![A-Za-z]|(?:pre|script|style|textarea)\b)/i

/**
 * Cuts a long document between blocks where nothing is open, since the parser's time grows with the square of the
 * length. Undefined for a document that needs no cutting.
 */
export function chunksOf(body: string, jsx: boolean): Chunk[] | undefined {
  if (body.length <= small) return undefined
  const chunks: Chunk[] = []
  let start = { offset: 0, line: 0 }
  for (const at of boundaries(body, jsx)) {
    if (at.offset - start.offset < least) continue
    chunks.push({ text: body.slice(start.offset, at.offset), ...start })
    start = at
  }
  chunks.push({ text: body.slice(start.offset), ...start })
  return chunks.length > 1 ? chunks : undefined
}

function* boundaries(body: string, jsx: boolean): Generator<{ offset: number; line: number }> {
  let open: string | undefined
  let html = false
  let depth = 0
  /** How far the content of the current list item is indented; 0 outside lists. */
  let list = 0
  let blank = true
  let offset = 0
  for (const [line, text] of body.split('\n').entries()) {
    if (open !== undefined) {
      if (text.trim().startsWith(open) && text.trim().replaceAll(open[0] ?? '', '') === '') open = undefined
    } else if (html) {
      html = !closesHtml(text)
    } else {
      if (blank && depth === 0 && startsBlock.test(text)) yield { offset, line }
      const marker = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+/.exec(text)?.[0]
      if (marker !== undefined) list = marker.length
      else if (blank && /^\S/.test(text)) list = 0
      const indent = text.length - text.trimStart().length
      open = list > 0 && indent >= list ? undefined : fence.exec(text)?.[1]
      if (jsx && open === undefined) depth += depthChange(text)
      else if (!jsx && rawHtml.test(text)) html = !closesHtml(text.slice(text.indexOf('<') + 2))
    }
    blank = text.trim() === ''
    offset += text.length + 1
  }
}

function closesHtml(text: string): boolean {
  return /-->|\?>|\]\]>|>$|<\/(?:pre|script|style|textarea)>/i.test(text)
}

/** How many elements a line opens more than it closes. Where this is wrong a part does not parse, and the whole is. */
function depthChange(text: string): number {
  const plain = text.replaceAll(/`[^`]*`/g, '')
  const opened = plain.match(/<[A-Za-z][\w.]*/g)?.length ?? 0
  const closed = plain.match(/<\/[A-Za-z][\w.]*>|\/>/g)?.length ?? 0
  return opened - closed
}

/** Definitions of links and footnotes: every part may refer to them. */
export function definitionsOf(body: string): string {
  return body
    .split('\n')
    .filter((line) => /^ {0,3}\[[^\]\n]+\]:\s*\S/.test(line))
    .join('\n\n')
}

const deepest = 100

/** Whether lists and quotes are nested more deeply than a person writes, which parsers take very long for. */
export function isTooDeep(body: string): boolean {
  const indents: number[] = []
  for (const line of body.split('\n')) {
    const markers = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/.exec(line)?.[0]
    if (markers === undefined) continue
    if (markers.replaceAll(/[^>*+.)-]/g, '').length > deepest && !/^[-*_ \t]+$/.test(line)) return true
    const indent = line.length - line.trimStart().length
    while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop()
    indents.push(indent)
    if (indents.length > deepest) return true
  }
  return false
}

/** Marks of emphasis, and all marks, of one paragraph. */
const most = { emphasis: 4_000, all: 15_000 }
const emphasis = /\*+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])/g
const marks = /[*_[\]<>`{}]/g
const startsAnother = /^\s*(?:[-*+]\s|\d+[.)]\s|#|\||<)/

/**
 * The line at which a paragraph has more marks than a person writes, such as a log without a fence: the parser's time
 * grows with their square. Counts from 1.
 */
export function tooDenseAt(body: string): number | undefined {
  let open: string | undefined
  let [ofEmphasis, all] = [0, 0]
  for (const [index, line] of body.split('\n').entries()) {
    const ticks = /^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})/.exec(line)?.[1]
    if (ticks !== undefined && (open === undefined || ticks.startsWith(open)))
      open = open === undefined ? ticks : undefined
    if (open !== undefined || line.trim() === '' || startsAnother.test(line)) [ofEmphasis, all] = [0, 0]
    if (open !== undefined) continue
    ofEmphasis += line.match(emphasis)?.length ?? 0
    all += line.match(marks)?.length ?? 0
    if (ofEmphasis > most.emphasis || all > most.all) return index + 1
  }
  return undefined
}
