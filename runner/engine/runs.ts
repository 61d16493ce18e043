import { join } from 'node:path'
import type { Event } from '../journal/record/event.ts'
import { fold } from '../journal/fold.ts'
import type { RunState } from '../journal/fold.ts'
import { readTextWithin } from '../journal/record/folder.ts'
import { JournalError } from '../journal/record/journal-error.ts'
import { files, runFolder } from '../journal/record/run-store.ts'
import { sha256 } from '../journal/record/write-journal.ts'
import type { Journal } from '../journal/record/write-journal.ts'
import type { LoadedKinds } from '../kinds/index.ts'
import { asText } from '../model/values/json.ts'
import type { JsonObject } from '../model/values/json.ts'
import { isScript } from '../model/steps/languages.ts'
import type { Plan } from '../model/plan.ts'
import { ProblemError } from '../model/problem.ts'
import { drive } from './drive.ts'
import type { Stretch } from './drive.ts'
import { withKey } from './concurrency-key.ts'
import { nameLeft } from './left-processes.ts'
import { holderOf } from './lock.ts'
import type { Holder } from './lock.ts'
import { steadyClock } from './loop/clock.ts'
import { undoWish } from './loop/took-effect.ts'
import { createRun, keyed } from './new-run.ts'
import type { NewRun } from './new-run.ts'
import { forgetAsked } from './people/asked.ts'
import { forgetStops } from './people/stop-requests.ts'
import { passedData, recordPassing } from './emergency-pass.ts'
import type { SharedRun } from './shared-run.ts'
import { stepsToSkip } from './plan/selection.ts'
import type { Selection } from './plan/selection.ts'
import { startShim } from './process/executor/shim-client.ts'
import type { Shim } from './process/executor/shim-client.ts'
import { machineOf } from './process/machine.ts'
import { redactValue } from './process/redact/redact.ts'
import { hiddenValues } from './run.ts'
import type { Driver, Run } from './run.ts'
import { newRunId } from './run-id.ts'
import { openSealedJournal } from './sign/sealed-journal.ts'

/** A stretch of a run, and which run that was. */
interface Driven {
  run: string
  end: Stretch
}

/** Starts a run: its folder, its frozen plan and document, its first event, and then its steps. */
export async function startRun(start: NewRun, driver: Driver): Promise<Driven> {
  const { plan, cwd, selection } = start
  const id = start.run ?? newRunId(plan.slug, new Date())
  let skips: Skip[] = []
  const reason =
    start.emergency === undefined ? '' : redactValue(start.emergency, hiddenValues({ ...driver, plan }))
  const open: Opening['open'] = (opened, kept, kinds, passed) => {
    // A selection that cannot be is refused before there is a run.
    skips = selection ? stepsToSkip(plan, [], selection, kinds.named) : []
    if (passed) recordPassing(driver, { passed, by: id, reason })
    return createRun(id, start, kept, opened, passed ? passedData(passed, reason) : {})
  }
  const pass = reason !== ''
  const parent = start.parent?.run
  const end = await withRun({ id, plan, cwd, driver, open, starts: true, pass, parent }, (run) => {
    skip(run, skips)
    return drive(run)
  })
  return { run: id, end }
}

/** A run that cannot be resumed as requested. */
export function notResumable({ run }: RunState, message: string): ProblemError {
  return new ProblemError({ message, hint: `See \`runbook log ${run}\`.` }, 2)
}

export interface Resume {
  /** Undo instead of going on, and why. */
  rollback?: string
  selection?: Selection | undefined
  /** Recorded with the resumption, such as that the document has changed. */
  note?: JsonObject
  /** Working directory from here on: on another machine the checkout has another place. Default: as before. */
  cwd?: string
}

/** Resumes a run at the end of its journal. */
export async function resumeRun(id: string, driver: Driver, how: Resume = {}): Promise<Driven> {
  const { cwd } = how
  const end = await withStoredRun(
    id,
    driver,
    { starts: true, ...(cwd === undefined ? {} : { cwd }) },
    async (run) => {
      const { plan, journal, actor, askedBy = actor } = run
      // Looked at now, for it may have ended while this one waited for the key.
      refuseEnded(fold(journal.events), how.rollback !== undefined)
      const skips = how.selection ? stepsToSkip(plan, journal.events, how.selection, run.kindNamed) : []
      // Before others see that the run goes on: a question is asked anew, and a stop is of this stretch.
      forgetAsked(run.folder)
      forgetStops(run.folder)
      const place = cwd === undefined ? {} : { cwd }
      const facts = { ...machineOf(driver.state), ...keyed(driver), ...place, ...how.note }
      journal.append('run-resumed', '', facts, askedBy)
      await nameLeft(run)
      skip(run, skips)
      if (how.rollback !== undefined) wishBack(run, how.rollback)
      return drive(run)
    },
  )
  return { run: id, end }
}

/** Opens a run that was started before, where its journal stands, and does something with it while its key is held. */
export async function withStoredRun<T>(
  id: string,
  driver: Driver,
  { starts, cwd }: Pick<Opening, 'starts' | 'cwd'>,
  body: (run: Run) => Promise<T>,
): Promise<T> {
  const folder = runFolder(driver.state, id)
  const plan = readPlan(folder)
  const open: Opening['open'] = async ({ onEvent }, kept) => {
    await kept
    return openSealedJournal(folder, id, onEvent)
  }
  return withRun({ id, plan, driver, open, starts, ...(cwd === undefined ? {} : { cwd }) }, body)
}

interface Opening {
  id: string
  plan: Plan
  /** Default: where the journal says that it was started, or resumed last on another machine. */
  cwd?: string
  driver: Driver
  /** Creates the journal or continues it; the promise resolves once the key is kept. */
  open: (driver: Driver, kept: Promise<void>, kinds: LoadedKinds, passed?: Holder) => Promise<Journal>
  /** The run that includes it. */
  parent?: string | undefined
  /** Goes past a run that holds the key and only waits. */
  pass?: boolean
  /** Whether steps are started; the process that starts them takes as long as the run's own beginning. */
  starts: boolean
}

async function withRun<T>(
  { id, plan, cwd, driver, open, starts, pass = false, parent }: Opening,
  body: (run: Run) => Promise<T>,
): Promise<T> {
  const { state, actor, onWaiting, cancel } = driver
  const kinds = await driver.kinds.load(plan.steps.map(({ kind }) => kind))
  const shim = shimFor(starts && plan.steps.some(({ fences }) => fences.some(isScript)))
  const holding = { state, key: plan.concurrency, holder: holderOf(id, actor.id), onWaiting, pass }
  try {
    return await withKey({ ...holding, cancelled: cancel.soft }, async (kept, passed) => {
      const folder = runFolder(state, id)
      const { stop } = driver
      const opened = { id, plan, folder, parent, onWaiting, cancelled: cancel.soft, stop }
      const inTeam = await driver.shared?.open(opened)
      try {
        const told = inTeam ? telling(driver, inTeam) : driver
        const hidden = hiddenValues({ ...driver, plan })
        const journal = redacting(await open(told, kept, kinds, passed), hidden)
        try {
          return await body({
            ...told,
            id,
            plan,
            folder,
            hidden,
            cwd: cwd ?? placeIn(journal.events),
            kindNamed: kinds.named,
            inTeam,
            journal,
            shim: shim.get,
            now: steadyClock(),
          })
        } finally {
          journal.close()
        }
      } finally {
        await inTeam?.close()
      }
    })
  } finally {
    shim.quit()
  }
}

/** The other machines hear of each event after whoever drives. */
function telling(driver: Driver, inTeam: SharedRun): Driver {
  return {
    ...driver,
    onEvent(event, line, synced) {
      driver.onEvent(event, line, synced)
      inTeam.onEvent(event, line, synced)
    },
    teamNote: inTeam.note,
  }
}

/** The working directory, as the last machine that named one has it. */
function placeIn(events: readonly Event[]): string {
  const named = events.findLast(({ data }) => typeof data['cwd'] === 'string')
  return asText(named?.data['cwd'])
}

function shimFor(ahead: boolean): { get(): Shim; quit(): void } {
  let shim = ahead ? startShim() : undefined
  return {
    get: () => (shim?.lives() ? shim : (shim = startShim())),
    quit: () => shim?.quit(),
  }
}

/** Every recorded text passes the redactor, wherever it comes from. */
function redacting(journal: Journal, hidden: readonly string[]): Journal {
  return {
    ...journal,
    append: (type, key, data, actor) => journal.append(type, key, redactValue(data, hidden), actor),
  }
}

type Skip = ReturnType<typeof stepsToSkip>[number]

function skip({ journal, actor }: Run, skips: readonly Skip[]): void {
  for (const { step, reason } of skips) journal.append('step-skipped', step, { reason }, actor)
}

/** Records that a person wants the run undone, or, once it is, the steps too whose undo was left to a person. */
export function wishBack(
  { journal, actor, askedBy: by = actor }: Pick<Run, 'journal' | 'actor' | 'askedBy'>,
  reason: string,
): void {
  const { offered } = fold(journal.events)
  if (!journal.events.some(({ type }) => type === 'rollback-started'))
    journal.append('rollback-started', '', { step: '', reason }, by)
  for (const { id, attempts } of offered)
    journal.append('outcome-resolved', undoWish(id, attempts), { answer: 'undo', reason, by }, by)
}

/** The frozen plan, which must be the one the journal began with. */
function readPlan(folder: string): Plan {
  const file = join(folder, files.plan)
  const text = readTextWithin(folder, files.plan) ?? ''
  const first = readTextWithin(folder, files.journal)?.split('\n', 1)[0] ?? ''
  const promised = (JSON.parse(first) as { data?: { planSha256?: string } }).data?.planSha256
  if (sha256(text) !== promised)
    throw new JournalError(`${file}: The plan was changed: it is not the one the journal names`)
  return JSON.parse(text) as Plan
}

export function refuseEnded(state: RunState, rollback: boolean): void {
  const { endedAt, status } = state
  if (endedAt === undefined) return
  const allowed = rollback
    ? (status !== 'rolled-back' || state.offered.length > 0) && status !== 'abandoned'
    : status === 'failed' || status === 'stopped'
  if (!allowed && status !== 'rollback-failed')
    throw notResumable(state, `The run ${state.run} has ended: ${status}`)
}
