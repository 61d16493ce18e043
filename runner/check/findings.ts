import type { Diagnostic } from '../model/diagnostic.ts'
import type { Runbook } from '../model/runbook.ts'

/** A document as `check` looks at it: what could be read of it, and the findings of reading. */
export interface Checked {
  document: Runbook
  diagnostics: Diagnostic[]
  /** Absolute path of the file. */
  path: string
  /** The file's text, for code frames. */
  text(): string
}
