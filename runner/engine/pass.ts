import { join } from 'node:path'
import type { Event } from '../journal/event.ts'
import { readJournal } from '../journal/read.ts'
import { files, runFolder } from '../journal/store.ts'
import { asText, isRecord } from '../model/json.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Holder } from './lock.ts'
import type { Driver } from './run.ts'
import { findByRun } from './process/processes.ts'
import { openSealedJournal } from './sign/sealed-journal.ts'
import { seal } from './sign/seal.ts'

/**
 * Whether an unfinished run only waits, for a person's decision or a time: nothing of it is under way, so an emergency may
 * pass it. A run that asks what became of a step does not only wait.
 */
export function isParked(state: string, run: string): boolean {
  const events = eventsOf(state, run)
  const last = events.findLast(({ type }) => type !== 'run-passed')
  const topic = asText(last?.data['topic'] ?? '')
  return (
    last?.type === 'run-paused' && topic !== '' && !topic.endsWith('/resolve') && findByRun(run).length === 0
  )
}

/** Nobody knows what a run did whose journal is broken, so it does not only wait. */
function eventsOf(state: string, run: string): Event[] {
  try {
    return readJournal(join(runFolder(state, run), files.journal))
  } catch {
    return []
  }
}

interface Passing {
  /** Whose key is taken for a while. */
  passed: Holder
  /** The run that takes it. */
  by: string
  reason: string
}

/** Writes into the journal of a run that waits which other one went past it, who did that and why. The key must be held. */
export function recordPassing({ state, actor, signer }: Driver, { passed, by, reason }: Passing): void {
  const folder = runFolder(state, passed.run)
  const journal = openSealedJournal(folder, passed.run, () => undefined)
  try {
    journal.append('run-passed', '', { run: by, reason }, actor)
    const slug = asText(journal.events[0]?.data['slug'])
    seal({ state, folder, plan: { slug }, journal, actor, signer })
  } finally {
    journal.close()
  }
}

/** What a run records of the one it passed, so that the key goes back to it. */
export function passedData(passed: Holder, reason: string): JsonObject {
  return { passed: { ...passed, reason } }
}

/** The run that another one passed, by the first event of that. */
export function passedHolder(first: { data: JsonObject } | undefined): Holder | undefined {
  const passed: Json | undefined = first?.data['passed']
  if (!isRecord(passed)) return undefined
  const { run, actor, host, pid, since } = passed as unknown as Holder
  return { run, actor, host, pid, since }
}
