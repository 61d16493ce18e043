/** What a tool of one's own may read: documents and journals. */
export { fold } from './journal/fold.ts'
export type { RunState, StepState } from './journal/fold.ts'
export type { Event } from './journal/event.ts'
export { readJournal } from './journal/read.ts'
export { kinds } from './kinds/all.ts'
export type { Diagnostic } from './model/diagnostic.ts'
export { readRunbook } from './model/read.ts'
export type { Runbook, Step } from './model/runbook.ts'
