import { compareText } from './compare-text.ts'
import type { Code } from './diagnostic-rules.ts'
import { rules } from './diagnostic-rules.ts'

/**
 * A place in a document. Lines and columns are 1-based, columns count UTF-16 units (as unist
 * does); `file` is relative to the working directory with forward slashes. The end is exclusive.
 */
export interface Place {
  file: string
  line: number
  column: number
  endLine?: number
  endColumn?: number
}

interface Note {
  message: string
  place: Place
}

/** One finding about a document. `code` is permanent and has a page under content/docs/errors/. */
export interface Diagnostic {
  code: Code
  severity: 'error' | 'warning'
  /** One sentence without a final period: what happened, quoting the value. */
  message: string
  place: Place
  /** A full sentence: what to do. */
  hint?: string
  /** Second places, such as the first use of a duplicate id. */
  notes?: Note[]
}

export interface DiagnosticDetails {
  hint?: string
  notes?: Note[]
}

/** Builds a diagnostic; its severity comes from the table of rules. */
export function diagnostic(
  code: Code,
  place: Place,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return { code, severity: rules[code].severity, message, place, ...details }
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((one) => one.severity === 'error')
}

/** Sorts by file, line, column, then code, so that output does not depend on the order of checks. */
export function sortByPlace<T extends { place: Place; code: string }>(items: readonly T[]): T[] {
  return items.toSorted(
    (a, b) =>
      compareText(a.place.file, b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column ||
      compareText(a.code, b.code),
  )
}
