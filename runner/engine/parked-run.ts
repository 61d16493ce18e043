import { join } from 'node:path'
import type { Event } from '../journal/record/event.ts'
import { readJournal } from '../journal/record/read-journal.ts'
import { files, runFolder } from '../journal/record/run-store.ts'
import { asText, isRecord } from '../model/values/json.ts'
import type { Json, JsonObject } from '../model/values/json.ts'
import type { Holder } from './lock.ts'
import { findByRun } from './process/processes.ts'

/**
 * Whether an unfinished run only waits, for a person's decision or a time: none of its steps is under way, so an emergency may
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

/** The effects of a run with a broken journal are unknown, so it does not only wait. */
function eventsOf(state: string, run: string): Event[] {
  try {
    return readJournal(join(runFolder(state, run), files.journal))
  } catch {
    return []
  }
}

/** The run that another one passed, by the first event of that. */
export function passedHolder(first: { data: JsonObject } | undefined): Holder | undefined {
  const passed: Json | undefined = first?.data['passed']
  if (!isRecord(passed)) return undefined
  const { run, actor, host, pid, since } = passed as unknown as Holder
  return { run, actor, host, pid, since }
}
