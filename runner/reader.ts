/** The reader for other tools: documents and journals. */
export { fold } from './journal/fold.ts'
export type { RunState, StepState } from './journal/fold.ts'
export type { Event } from './journal/record/event.ts'
export { readJournal } from './journal/record/read-journal.ts'
export { kinds } from './kinds/all.ts'
export type { Diagnostic } from './model/diagnostic.ts'
export { readRunbook } from './model/read-runbook.ts'
export type { Runbook, Step } from './model/runbook.ts'
