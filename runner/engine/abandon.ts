import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attemptKey } from '../journal/event.ts'
import type { Event } from '../journal/event.ts'
import { fold } from '../journal/fold.ts'
import { JournalError } from '../journal/journal-error.ts'
import { runFolder } from '../journal/store.ts'
import { loadKinds } from '../kinds/index.ts'
import { asText } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import type { Boot } from './process/processes.ts'
import { abandonedFile, withKey } from './key.ts'
import { holderOf } from './lock.ts'
import { openSealedJournal } from './sign/sealed-journal.ts'
import { seal } from './sign/seal.ts'
import { NotResumable, readPlan } from './runs.ts'
import { counts, nameLeft, redactingJournal, sealing, worldOf } from './session.ts'
import type { Driven, SessionOptions } from './session.ts'

/**
 * Gives a run up: what a dead runner left under way is ended, the run is closed with the reason, and its key is free.
 * Nothing is undone. Refused while a runner has it.
 */
export async function abandonRun(run: string, reason: string, options: SessionOptions): Promise<void> {
  const folder = runFolder(options.state, run)
  const { plan } = readPlan(folder)
  const { state, actor, cancelled } = options
  const holder = holderOf(run, actor.id)
  await withKey({ state, key: plan.concurrency, holder, cancelled }, async (kept) => {
    await kept
    const journal = redactingJournal(openSealedJournal(folder, run, options.onEvent), options.secrets)
    try {
      const found = fold(journal.events)
      if (found.endedAt !== undefined)
        throw new NotResumable(found, `The run ${run} has ended: ${found.status}`)
      const cwd = asText(journal.events[0]?.data['cwd'])
      const shim = (): never => {
        throw new TypeError('Nothing is started in a run that is abandoned')
      }
      const driven = { plan, journal, folder, cwd, shim }
      await loadKinds(plan.steps.map(({ kind }) => kind))
      await haltAll(driven, options)
      await nameLeft(journal, options)
      const end = { status: 'abandoned', message: reason, step: '', counts: counts(journal.events) }
      journal.append('run-ended', '', end, actor)
      seal(sealing(driven, options))
    } finally {
      journal.close()
    }
  })
}

async function haltAll(driven: Driven, options: SessionOptions): Promise<void> {
  const { run, work } = worldOf(driven, options)
  for (const { step, attempt, event } of underWay(driven.plan, driven.journal.events)) {
    const intent = event.data as Boot
    await run.record('step-ended', attemptKey(step.id, attempt), () =>
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

/** Gives up a run whose journal cannot be continued; the word stands beside the journal, which is left as it is. */
export function abandonUnreadable(
  run: string,
  reason: string,
  options: SessionOptions,
  cause: unknown,
): void {
  if (!(cause instanceof JournalError) && !(cause instanceof SyntaxError)) throw cause
  const { actor, state } = options
  const word = { run, reason, actor, at: new Date().toISOString(), journal: cause.message }
  writeFileSync(join(runFolder(state, run), abandonedFile), `${JSON.stringify(word)}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
}
