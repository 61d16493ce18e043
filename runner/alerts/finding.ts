import type { Place } from '../model/diagnostic.ts'
import { alertRules } from './alert-rules.ts'
import type { AlertCode, FindingSeverity } from './alert-rules.ts'

/** One finding about a rule file. */
export interface Finding {
  code: AlertCode
  severity: FindingSeverity
  /** One sentence without a final period. */
  message: string
  place: Place
  /** The alert it is about; empty for a file. */
  alert: string
  /** A full sentence: what to do. */
  hint?: string
  /** The changes of `--fix`: offsets of the file. */
  edits?: Edit[]
}

export interface Edit {
  start: number
  end: number
  text: string
}

export interface FindingDetails {
  hint?: string | undefined
  severity?: FindingSeverity
  edits?: Edit[] | undefined
}

export function finding(
  code: AlertCode,
  alert: string,
  place: Place,
  message: string,
  { hint, severity, edits }: FindingDetails = {},
): Finding {
  return {
    code,
    severity: severity ?? alertRules[code].severity,
    message,
    place,
    alert,
    ...(hint === undefined ? {} : { hint }),
    ...(edits && edits.length > 0 ? { edits } : {}),
  }
}

/** The end of a hint that says how to write it: what is inside an escaped string is left to its author. */
export function whoMends(edits: readonly Edit[]): string {
  return edits.length > 0 ? '; `--fix` does it.' : ' where the string is made.'
}

/** Turns offsets of a text into places. */
export function placesIn(file: string, text: string): (start: number, end?: number) => Place {
  let starts: number[] | undefined
  const at = (offset: number): { line: number; column: number } => {
    starts ??= lineStarts(text)
    const index = lastAtMost(starts, Math.min(offset, text.length))
    return { line: index + 1, column: offset - (starts[index] ?? 0) + 1 }
  }
  return (start, end) => {
    if (end === undefined || end <= start) return { file, ...at(start) }
    const to = at(end)
    return { file, ...at(start), endLine: to.line, endColumn: to.column }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The index of the last of ascending numbers that is at most `wanted`. */
export function lastAtMost(numbers: readonly number[], wanted: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((numbers[middle] ?? 0) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}
