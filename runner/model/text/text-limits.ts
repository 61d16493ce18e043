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
