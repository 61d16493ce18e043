import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonical } from '../journal/canonical.ts'
import { fold } from '../journal/fold.ts'
import type { RunState } from '../journal/fold.ts'
import { JournalError } from '../journal/journal-error.ts'
import { files, hasBegun, runFolder } from '../journal/store.ts'
import { openJournal, sha256, syncPath } from '../journal/write.ts'
import type { Journal } from '../journal/write.ts'
import { loadKinds } from '../kinds/index.ts'
import { asText } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import type { Actor, Plan } from '../model/plan.ts'
import { undoWish } from './loop/effect.ts'
import { withKey } from './key.ts'
import { holderOf } from './lock.ts'
import type { Holder } from './lock.ts'
import { passedData, recordPassing } from './pass.ts'
import { redactValue } from './process/redact.ts'
import { here } from './process/processes.ts'
import { openSealedJournal } from './sign/sealed-journal.ts'
import { newRunId } from './run-id.ts'
import { stepsToSkip } from './plan/selection.ts'
import type { Selection } from './plan/selection.ts'
import { drive, nameLeft, redactingJournal, shimFor } from './session.ts'
import type { SessionEnd, SessionOptions } from './session.ts'
import { keepTrust } from './sign/trust.ts'
import { sourceState } from './plan/source.ts'
import { ProblemError } from '../model/problem.ts'

export interface NewRun {
  plan: Plan
  document: Buffer
  cwd: string
  version: string
  selection?: Selection | undefined
  /** A drill, marked as one for ever. */
  practice?: boolean
  /** Its id, where it was named before it starts. */
  run?: string
  /** The run and the step that include it. */
  parent?: { run: string; step: string }
  /** The alert that asked for it, for the record. */
  alert?: JsonObject
  /** Why it may go past a run that holds its key and only waits. */
  emergency?: string | undefined
}

interface Session {
  run: string
  end: SessionEnd
}

/** Starts a run: its folder, its frozen plan and document, its first event, and then its steps. */
export async function startRun(start: NewRun, options: SessionOptions): Promise<Session> {
  const { plan, cwd, selection } = start
  const run = start.run ?? newRunId(plan.slug, new Date())
  const folder = runFolder(options.state, run)
  const reason =
    start.emergency === undefined ? undefined : redactValue(start.emergency, Object.values(options.secrets))
  return inSession(run, plan, { ...options, pass: reason !== undefined }, async (shim, kept, passed) => {
    const skips = selection ? stepsToSkip(plan, [], selection) : []
    if (passed && reason !== undefined)
      recordPassing({ ...options, passed, by: run, reason, signer: options.signer })
    const more = passed && reason !== undefined ? passedData(passed, reason) : {}
    const journal = redactingJournal(
      await createRun(folder, run, start, kept, options, more),
      options.secrets,
    )
    try {
      for (const { step, reason } of skips) journal.append('step-skipped', step, { reason }, options.actor)
      return await drive({ plan, journal, folder, cwd, shim }, options)
    } finally {
      journal.close()
    }
  })
}

/** All of it is on the disk before the first event says that there is a run. */
async function createRun(
  folder: string,
  run: string,
  start: NewRun,
  kept: Promise<void>,
  options: SessionOptions,
  more: JsonObject,
): Promise<Journal> {
  const reading = sourceState(start.cwd, options.env)
  const planText = canonical(start.plan as unknown as JsonObject)
  // A run that was named before it started may have left its folder in a crash.
  if (!hasBegun(folder)) rmSync(folder, { recursive: true, force: true })
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  mkdirSync(folder, { mode: 0o700 })
  try {
    await together([
      writeSynced(join(folder, files.plan), planText),
      writeSynced(join(folder, files.document), start.document),
      syncPath(dirname(folder)),
      kept,
    ])
    const signersSha256 = keepTrust(options.trust, folder)
    const journal = openJournal(join(folder, files.journal), { run, onEvent: options.onEvent })
    const data = {
      ...startedData(start, planText),
      signersSha256,
      ...keyed(options),
      ...more,
      source: await reading,
    }
    journal.append('run-started', '', data, options.actor)
    return journal
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function writeSynced(file: string, content: string | Buffer): Promise<void> {
  return writeFile(file, content, { flag: 'wx', mode: 0o600, flush: true })
}

/** A disk that is asked for several syncs at once makes them one. All have ended when it resolves or rejects. */
async function together(writes: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function startedData({ plan, cwd, version, alert, parent, practice }: NewRun, planText: string): JsonObject {
  const { slug, title, inputs, secrets, file, sha256: documentSha256, concurrency } = plan
  const steps = plan.steps.map(({ id }) => id)
  const planSha256 = sha256(planText)
  const inputsSha256 = sha256(canonical(inputs))
  const what = { slug, title, inputs, secrets, file, documentSha256, planSha256, inputsSha256 }
  return {
    ...what,
    concurrency,
    steps,
    cwd,
    version,
    ...(alert ? { alert } : {}),
    ...(practice ? { practice } : {}),
    ...(parent ? { parent } : {}),
    ...here(),
  }
}

function keyed({ signedWith }: SessionOptions): JsonObject {
  return signedWith === undefined ? {} : { signedWith }
}

/** A run that cannot be taken up as asked: why, and what can be done. */
export class NotResumable extends ProblemError {
  override name = 'NotResumable'
  constructor({ run }: RunState, message: string) {
    super({ message, hint: `See \`runbook log ${run}\`.` }, 2)
  }
}

export interface Resume {
  /** Undo instead of going on, and why. */
  rollback?: string
  selection?: Selection | undefined
  /** Recorded with the resumption, such as that the document has changed. */
  note?: JsonObject
}

/** Takes up a run again where its journal stands. */
export async function resumeRun(run: string, options: SessionOptions, how: Resume = {}): Promise<Session> {
  const folder = runFolder(options.state, run)
  const { plan } = readPlan(folder)
  return inSession(run, plan, options, async (shim, kept) => {
    await kept
    const journal = redactingJournal(openSealedJournal(folder, run, options.onEvent), options.secrets)
    try {
      // Looked at again, for it may have ended while this one waited for the key.
      refuseEnded(fold(journal.events), how.rollback !== undefined)
      const skips = how.selection ? stepsToSkip(plan, journal.events, how.selection) : []
      journal.append('run-resumed', '', { ...here(), ...keyed(options), ...how.note }, options.actor)
      await nameLeft(journal, options)
      for (const { step, reason } of skips) journal.append('step-skipped', step, { reason }, options.actor)
      if (how.rollback !== undefined) wishBack(journal, how.rollback, options.actor)
      const cwd = asText(journal.events[0]?.data['cwd'])
      return await drive({ plan, journal, folder, cwd, shim }, options)
    } finally {
      journal.close()
    }
  })
}

/** Records that a person wants the run undone, or, once it is, the steps too whose undo was left to a person. */
function wishBack(journal: Journal, reason: string, by: Actor): void {
  const { offered } = fold(journal.events)
  if (!journal.events.some(({ type }) => type === 'rollback-started'))
    journal.append('rollback-started', '', { step: '', reason }, by)
  for (const { id, attempts } of offered)
    journal.append('outcome-resolved', undoWish(id, attempts), { answer: 'undo', reason, by }, by)
}

/** The frozen plan, which must be the one the journal began with. */
export function readPlan(folder: string): { plan: Plan; text: string } {
  const file = join(folder, files.plan)
  const text = readFileSync(file, 'utf8')
  const first = readFileSync(join(folder, files.journal), 'utf8').split('\n', 1)[0] ?? ''
  const promised = (JSON.parse(first) as { data?: { planSha256?: string } }).data?.planSha256
  if (sha256(text) !== promised)
    throw new JournalError(`${file}: The plan was changed: it is not the one the journal names`)
  return { plan: JSON.parse(text) as Plan, text }
}

function refuseEnded(state: RunState, rollback: boolean): void {
  const { endedAt, status } = state
  if (endedAt === undefined) return
  const allowed = rollback
    ? (status !== 'rolled-back' || state.offered.length > 0) && status !== 'abandoned'
    : status === 'failed' || status === 'stopped'
  if (!allowed && status !== 'rollback-failed')
    throw new NotResumable(state, `The run ${state.run} has ended: ${status}`)
}

async function inSession(
  run: string,
  plan: Plan,
  options: SessionOptions & { pass?: boolean },
  body: (
    shim: ReturnType<typeof shimFor>['get'],
    kept: Promise<void>,
    passed: Holder | undefined,
  ) => Promise<SessionEnd>,
): Promise<Session> {
  const { state, actor, onWaiting, cancelled, pass = false } = options
  const holder = holderOf(run, actor.id)
  await loadKinds(plan.steps.map(({ kind }) => kind))
  const shim = shimFor(plan)
  try {
    const wanted = { state, key: plan.concurrency, holder, onWaiting, cancelled, pass }
    const end = await withKey(wanted, (kept, passed) => body(shim.get, kept, passed))
    return { run, end }
  } finally {
    shim.quit()
  }
}
