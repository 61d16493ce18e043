import type { Event } from '../journal/record/event.ts'
import { fold } from '../journal/fold.ts'
import type { JsonObject } from '../model/values/json.ts'
import { heedStops } from './people/stop-requests.ts'
import type { HeededStops } from './people/stop-requests.ts'
import { nameLeft } from './left-processes.ts'
import { Cancelled, Suspended } from './loop/durable.ts'
import { durableJournal, realPorts } from './loop/durable-journal.ts'
import { interpret } from './loop/interpret.ts'
import type { RunEnd } from './loop/verdict.ts'
import { workInWorld } from './loop/work-in-world.ts'
import { redactValue } from './process/redact/redact.ts'
import type { Run } from './run.ts'
import { openEvidence, seal } from './sign/seal.ts'
import { unnamedFiles } from './sign/unnamed-files.ts'

/** How one stretch of a run ended: for good, or until a resume. */
export type Stretch = Ending & {
  /** Why the key that was tried at the beginning did not sign at the end. */
  unsigned?: string
}

type Ending =
  | ({ type: 'ended' } & RunEnd)
  | {
      type: 'waiting'
      topic: string
      question: Suspended['question']
      message: string
      /** The nested run that waits; this one when there is none. */
      run?: string
    }
  | { type: 'interrupted'; message: string }

/** Drives a run from where its journal stands, to its end or to where it must wait. */
export async function drive(run: Run): Promise<Stretch> {
  openEvidence(run)
  const stops = heedStops(run)
  try {
    const end = await goOn(run)
    await nameLeft(run)
    return { type: 'ended', ...end, ...unsigned(endRun(run, end)) }
  } catch (error) {
    if (!(error instanceof Suspended || error instanceof Cancelled)) throw error
    await nameLeft(run)
    const paused = pause(run, error, stops)
    return { ...paused, ...unsigned(seal(run)) }
  } finally {
    stops.end()
  }
}

/** Records the end of a run, which the index has, with the output that nothing else names, and seals it. */
export function endRun(run: Run, end: JsonObject): ReturnType<typeof seal> {
  const { folder, journal, actor } = run
  const files = unnamedFiles(folder, journal.events)
  const more = { counts: counts(journal.events), ...(files.length > 0 ? { files } : {}) }
  journal.append('run-ended', '', { ...end, ...more }, actor)
  return seal(run)
}

function unsigned({ problem }: ReturnType<typeof seal>): { unsigned?: string } {
  return problem === undefined ? {} : { unsigned: problem }
}

function pause(run: Run, cause: Suspended | Cancelled, stops: HeededStops): Stretch {
  const { journal, actor } = run
  if (cause instanceof Cancelled) {
    const { by, reason } = stops.asked() ?? { by: actor, reason: '' }
    const message = reason === '' ? cause.message : `${cause.message}: ${reason}`
    journal.append('run-paused', '', { topic: '', message }, by)
    return { type: 'interrupted', message }
  }
  const { message } = cause
  const { topic, question, run: inner } = cause
  const nested = inner === undefined ? {} : { run: inner }
  journal.append('run-paused', '', { topic, message, ...nested }, actor)
  return { type: 'waiting', topic, message, question: redactValue(question, run.hidden), ...nested }
}

async function goOn(run: Run): Promise<RunEnd> {
  const durable = durableJournal(run, realPorts(run))
  try {
    return await interpret(run.plan, durable, workInWorld(run, durable))
  } catch (error) {
    const { hard } = run.cancel
    if (!(error instanceof Cancelled) || !run.rollbackOnCancel || hard.aborted) throw error
    const reason = `The run was stopped by ${run.actor.id}`
    await durable.record('rollback-started', '', () => ({ step: '', reason }))
    // The wish to stop has been heard; only the second one stops the way back.
    const back = { ...run, cancel: { soft: hard, hard } }
    const again = durableJournal(back, realPorts(back))
    return interpret(run.plan, again, workInWorld(back, again))
  }
}

function counts(events: readonly Event[]): JsonObject {
  const byStatus: Record<string, number> = {}
  for (const { status } of fold(events).steps.values()) byStatus[status] = (byStatus[status] ?? 0) + 1
  return byStatus
}
