import type { JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'

/**
 * Facts about a run, in the past tense. With `key`, each names one moment: the first event of a type and key is
 * the one that counts, for ever.
 * @internal
 */
export const eventTypes = [
  'run-started',
  'run-resumed',
  'run-paused',
  'run-passed',
  'run-ended',
  'step-confirmed',
  'word-confirmed',
  'step-started',
  'step-ended',
  'effect-checked',
  'outcome-resolved',
  'step-skipped',
  'step-failed',
  'step-finished',
  'task-ticked',
  'approval-requested',
  'approval-given',
  'approval-rejected',
  'approval-expired',
  'approval-replaced',
  'answer-refused',
  'field-answered',
  'wait-began',
  'budget-exceeded',
  'run-included',
  'moment-recorded',
  'gate-sampled',
  'gate-watched',
  'gate-answered',
  'rollback-started',
  'undo-started',
  'undo-ended',
  'undo-finished',
  'process-left',
] as const

export type EventType = (typeof eventTypes)[number]

/** One line of the journal. Format version 1; see content/docs/journal.mdx. */
export interface Event extends JsonObject {
  v: 1
  /** From 0, without gaps. */
  seq: number
  /** UTC, RFC 3339 with milliseconds. */
  ts: string
  run: string
  type: EventType
  /** The subject of the event, such as `tag#1` for the first attempt of step `tag`; empty for the run. */
  key: string
  actor: Actor
  data: JsonObject
  /** Hex SHA-256 of the previous line with its newline; 64 zeros for the first. */
  prev: string
}

/** Longest line of a journal in bytes; larger data belongs in a file beside it, bound by digest. */
export const maxLineBytes = 65_536

export const firstPrev = '0'.repeat(64)

/** The key of an attempt. */
export function attemptKey(step: string, attempt: number): string {
  return `${step}#${attempt}`
}

/** Step and attempt of a key such as `tag#1`, or `tag/2` for the second question of a step. */
export function parseKey(key: string): { step: string; attempt: number } {
  const match = /^([^#/]*)(?:[#/](\d+))?/.exec(key)
  return { step: match?.[1] ?? key, attempt: Number(match?.[2] ?? 0) }
}

/** The requests for approvals that have no decision yet, the first first. */
export function openRequests(events: readonly Event[]): Event[] {
  const decisions = ['approval-given', 'approval-rejected', 'approval-expired']
  const decided = new Set(events.filter(({ type }) => decisions.includes(type)).map(({ key }) => key))
  return events.filter(({ type, key }) => type === 'approval-requested' && !decided.has(key))
}
