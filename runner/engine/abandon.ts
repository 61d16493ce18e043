import { join } from 'node:path'
import { attemptKey } from '../journal/record/event.ts'
import type { Event } from '../journal/record/event.ts'
import { fold } from '../journal/fold.ts'
import { JournalError } from '../journal/record/journal-error.ts'
import { runFolder } from '../journal/record/run-store.ts'
import type { Plan } from '../model/plan.ts'
import { endRun } from './drive.ts'
import { abandonedFile } from './concurrency-key.ts'
import { nameLeft } from './left-processes.ts'
import { durableJournal, realPorts } from './loop/durable-journal.ts'
import { workInWorld } from './loop/work-in-world.ts'
import type { Boot } from './process/processes.ts'
import type { Driver, Run } from './run.ts'
import { notResumable, withStoredRun } from './runs.ts'
import { openEvidence } from './sign/seal.ts'
import { addWhole } from '../write-whole.ts'

/**
 * Abandons a run: a process that a dead runner left is ended, the run is closed with the reason, and its key is free.
 * Nothing is undone. Refused while a runner has it.
 */
export function abandonRun(id: string, reason: string, driver: Driver): Promise<void> {
  return withStoredRun(id, driver, { starts: false }, async (run) => {
    const state = fold(run.journal.events)
    if (state.endedAt !== undefined) throw notResumable(state, `The run ${id} has ended: ${state.status}`)
    await haltAll(run)
    await nameLeft(run)
    openEvidence(run)
    endRun(run, { status: 'abandoned', message: reason, step: '' })
  })
}

async function haltAll(run: Run): Promise<void> {
  const durable = durableJournal(run, realPorts(run))
  const work = workInWorld(run, durable)
  for (const { step, attempt, event } of underWay(run.plan, run.journal.events)) {
    const intent = event.data as Boot
    await durable.record('step-ended', attemptKey(step.id, attempt), () =>
      work.halt({ step, attempt, outputs: {}, intent }),
    )
  }
}

function underWay(plan: Plan, events: readonly Event[]) {
  const ended = new Set(events.filter(({ type }) => type === 'step-ended').map(({ key }) => key))
  return events
    .filter(({ type, key }) => type === 'step-started' && !ended.has(key))
    .flatMap((event) => {
      const step = plan.steps.find(({ id }) => event.key.startsWith(`${id}#`))
      return step ? [{ step, attempt: Number(event.key.split('#')[1]), event }] : []
    })
}

/** Abandons a run whose journal cannot be continued; the record is beside the journal, which is unchanged. */
export function abandonUnreadable(
  run: string,
  reason: string,
  { actor, state }: Pick<Driver, 'actor' | 'state'>,
  cause: unknown,
): void {
  if (!(cause instanceof JournalError) && !(cause instanceof SyntaxError)) throw cause
  const word = { run, reason, actor, at: new Date().toISOString(), journal: cause.message }
  addWhole(join(runFolder(state, run), abandonedFile), `${JSON.stringify(word)}\n`)
}
