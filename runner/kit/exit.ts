import type { SessionEnd } from '../engine/session.ts'

/** What an exit code means; closed, and printed by --help. A step's own exit code is in the journal. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
  decided: 4,
  waiting: 5,
  rollbackFailed: 6,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const

export const exitMeanings: readonly [number, string][] = [
  [exit.done, 'done'],
  [exit.failed, 'a step or a check failed (what has an undo was undone if the runbook says so)'],
  [exit.usage, 'usage: unknown command, flag or input, or a bad value'],
  [exit.invalid, 'the runbook has errors'],
  [exit.decided, 'stopped by a decision: rejected, or a gate failed'],
  [exit.waiting, 'waiting for a person; the next command is printed'],
  [exit.rollbackFailed, 'the rollback failed: a person must look'],
  [exit.internal, 'a bug in runbook'],
  [exit.interrupted, 'interrupted (143: terminated)'],
]

export function exitOf(end: SessionEnd, terminated: boolean): number {
  if (end.type === 'waiting') return exit.waiting
  if (end.type === 'interrupted') return terminated ? exit.terminated : exit.interrupted
  switch (end.status) {
    case 'succeeded':
      return exit.done
    case 'stopped':
      return exit.decided
    case 'rollback-failed':
      return exit.rollbackFailed
    default:
      return exit.failed
  }
}
