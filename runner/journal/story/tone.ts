import type { RunStatus, StepStatus } from '../fold.ts'

/** How something went: well, badly, otherwise than hoped but in order, or neither yet. */
export type Tone = 'ok' | 'bad' | 'warn' | 'info'

/**
 * What a moment is to a reader: `decision` for what a person decided or let pass, `exception` for a departure from
 * the document, `course` for the way of the run, `detail` for bookkeeping that only the log shows.
 */
type Role = 'decision' | 'exception' | 'course' | 'detail'

/** The words of one event, without actor and time. */
export interface Words {
  /** The event, such as `Approved`. */
  what: string
  /** The reason or the details; empty when the event has none. May hold code between backticks. */
  detail: string
  tone: Tone
  role: Role
}

/** The words for a run's status, with its tone. */
export const runStatusWords: Record<RunStatus, [words: string, tone: Tone]> = {
  running: ['running', 'info'],
  waiting: ['waiting for a person', 'info'],
  interrupted: ['interrupted', 'info'],
  succeeded: ['succeeded', 'ok'],
  failed: ['failed', 'bad'],
  stopped: ['stopped by a decision', 'bad'],
  cancelled: ['cancelled', 'bad'],
  'rolled-back': ['rolled back', 'warn'],
  'rollback-failed': ['rollback failed', 'bad'],
  abandoned: ['abandoned', 'warn'],
}

/** The words for a step's status, with its tone. */
export const stepStatusWords: Record<StepStatus, [words: string, tone: Tone]> = {
  pending: ['not reached', 'info'],
  running: ['running', 'info'],
  waiting: ['waiting', 'info'],
  passed: ['passed', 'ok'],
  failed: ['failed', 'bad'],
  stopped: ['stopped', 'bad'],
  skipped: ['skipped', 'info'],
  unknown: ['unknown', 'bad'],
  undone: ['undone', 'warn'],
}
