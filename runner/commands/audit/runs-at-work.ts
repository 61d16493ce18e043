import { setTimeout as sleep } from 'node:timers/promises'
import { hasRunner } from '../../engine/lock.ts'
import { readIndex } from '../../journal/record/heads.ts'
import { isUnreadable } from '../../journal/record/journal-error.ts'
import { readRun } from '../../journal/record/run-store.ts'
import { auditIndex } from '../../journal/verify/audit-index.ts'
import type { Audit } from '../../journal/verify/audit-index.ts'
import { newestOf } from '../../journal/verify/rules/run-index.ts'
import type { Index } from '../../journal/verify/rules/run-index.ts'

/** How long an audit waits for runs that are at work to write what belongs together, and how often it looks, in milliseconds. */
const [settleMs, lookMs] = [10_000, 50]

/** Returns what waits until no process of this machine drives a run, for as long as an audit waits in all. */
export function untilSettled(state: string): (run: string) => Promise<void> {
  let leftMs = settleMs
  return async (run) => {
    for (; leftMs > 0 && isAtWork(state, run); leftMs -= lookMs) await sleep(lookMs)
  }
}

/** The index and the runs that are there. A run that has just begun is not in the index for a moment. */
export async function readAudit(state: string): Promise<Audit & { index: Index }> {
  const until = performance.now() + settleMs
  for (;;) {
    const index = readIndex(state)
    const audit = auditIndex(state, index)
    const isChanging = audit.strangers.some((run) => isAtWork(state, run) || newestOf(readIndex(state), run))
    if (!isChanging || performance.now() >= until) return { ...audit, index }
    await sleep(lookMs)
  }
}

/** Whether a process of this machine drives a run; false for one whose plan cannot be read. */
function isAtWork(state: string, id: string): boolean {
  try {
    return hasRunner(state, readRun(state, id).plan.concurrency, id)
  } catch (error) {
    if (isUnreadable(error)) return false
    throw error
  }
}
