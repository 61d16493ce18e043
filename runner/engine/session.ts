import { asText } from '../model/json.ts'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonical } from '../journal/canonical.ts'
import type { Event } from '../journal/event.ts'
import { fold } from '../journal/fold.ts'
import { files, runFolder } from '../journal/store.ts'
import { openJournal, sha256, syncFolder } from '../journal/write.ts'
import type { Journal } from '../journal/write.ts'
import type { JsonObject } from '../model/json.ts'
import type { Actor, Plan, PlannedStep } from '../model/plan.ts'
import { Cancelled, Suspended } from './durable.ts'
import { embeddedRun } from './embedded.ts'
import type { Operator } from './embedded.ts'
import { startShim } from './executor/shim-client.ts'
import type { Shim } from './executor/shim-client.ts'
import { interpret } from './interpret.ts'
import { openEvidence, seal } from './seal.ts'
import type { Signer } from './signing/key.ts'
import { checkerOf, keepTrust } from './signing/trust.ts'
import type { Trust } from './signing/ssh-keygen.ts'
import { sourceState } from './source.ts'
import type { RunEnd } from './verdict.ts'
import { takeLock } from './lock.ts'
import type { Holder } from './lock.ts'
import { bootId } from './processes.ts'
import { newRunId } from './run-id.ts'
import { world } from './world.ts'

/** How one stretch of a run ended: for good, or until somebody takes it up again. */
export type SessionEnd =
  | ({ type: 'ended' } & RunEnd)
  | { type: 'waiting'; topic: string; question: Suspended['question']; message: string }
  | { type: 'interrupted'; message: string }

export interface SessionOptions {
  state: string
  actor: Actor
  operator: Operator
  secrets: Record<string, string>
  cancelled: AbortSignal
  env: Record<string, string | undefined>
  /** Signs the head of the run; without it the run is unsigned. */
  signer?: Signer | undefined
  /** Whose approvals count; without it they are believed unsigned. */
  trust?: Trust | undefined
  onEvent: (event: Event, line: string) => void
  onOutput: (step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

/** Another run holds the concurrency key. */
export class KeyTaken extends Error {
  override name = 'KeyTaken'
  readonly key: string
  readonly holder: Holder | undefined
  constructor(key: string, holder: Holder | undefined) {
    super(`Another run holds the key \`${key}\``)
    this.key = key
    this.holder = holder
  }
}

export interface NewRun {
  plan: Plan
  document: Buffer
  cwd: string
  version: string
}

/** Starts a run: its folder, its frozen plan and document, its first event, and then its steps. */
export async function startRun(
  { plan, document, cwd, version }: NewRun,
  options: SessionOptions,
): Promise<{ run: string; end: SessionEnd }> {
  const run = newRunId(plan.slug, new Date())
  const folder = runFolder(options.state, run)
  return withKey(plan, run, options, async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const planText = canonical(plan as unknown as JsonObject)
    writeFileSync(join(folder, files.plan), planText, { mode: 0o600 })
    writeFileSync(join(folder, files.document), document, { mode: 0o600 })
    const signersSha256 = keepTrust(options.trust, folder)
    const journal = openJournal(join(folder, files.journal), { run, onEvent: options.onEvent })
    syncFolder(join(folder, '..'))
    const source = sourceState(cwd, options.env)
    const data = { ...startedData(plan, planText, cwd, version), signersSha256, source }
    journal.append('run-started', '', data, options.actor)
    return { run, end: await drive(plan, journal, folder, cwd, options) }
  })
}

function startedData(plan: Plan, planText: string, cwd: string, version: string): JsonObject {
  const { slug, title, inputs, secrets, file, sha256: documentSha256, concurrency } = plan
  const steps = plan.steps.map(({ id }) => id)
  return {
    slug,
    title,
    inputs,
    secrets,
    file,
    documentSha256,
    planSha256: sha256(planText),
    inputsSha256: sha256(canonical(inputs)),
    concurrency,
    steps,
    cwd,
    version,
    boot: bootId(),
  }
}

/** Takes up a run again where its journal stands. */
export async function resumeRun(
  run: string,
  options: SessionOptions,
  how: { rollback?: string } = {},
): Promise<{ run: string; end: SessionEnd }> {
  const folder = runFolder(options.state, run)
  const plan = JSON.parse(readFileSync(join(folder, files.plan), 'utf8')) as Plan
  return withKey(plan, run, options, async () => {
    const journal = openJournal(join(folder, files.journal), { run, onEvent: options.onEvent })
    journal.append('run-resumed', '', { boot: bootId() }, options.actor)
    if (how.rollback !== undefined && !journal.events.some(({ type }) => type === 'rollback-started')) {
      journal.append('rollback-started', '', { step: '', reason: how.rollback }, options.actor)
    }
    const cwd = asText(journal.events[0]?.data['cwd'])
    return { run, end: await drive(plan, journal, folder, cwd, options) }
  })
}

async function withKey<T>(
  plan: Plan,
  run: string,
  options: SessionOptions,
  body: () => Promise<T>,
): Promise<T> {
  const holder = { run, actor: options.actor.id, pid: process.pid, since: new Date().toISOString() }
  const lock = takeLock(options.state, plan.concurrency, holder)
  if (!('release' in lock)) throw new KeyTaken(plan.concurrency, lock.holder)
  try {
    return await body()
  } finally {
    lock.release()
  }
}

async function drive(
  plan: Plan,
  journal: Journal,
  folder: string,
  cwd: string,
  options: SessionOptions,
): Promise<SessionEnd> {
  let shim: Shim | undefined
  const { actor, operator, cancelled, secrets, env, onOutput } = options
  const check = checkerOf(options.trust, env)
  const run = embeddedRun({ plan, folder, journal, actor, operator, cancelled, now: Date.now, check })
  const startOnce = (): Shim => (shim ??= startShim())
  const work = world({
    plan,
    run,
    folder,
    cwd,
    secrets,
    outer: env,
    actor: actor.id,
    shim: startOnce,
    onOutput,
  })
  const sealing = { state: options.state, folder, slug: plan.slug, journal, actor, signer: options.signer }
  try {
    openEvidence(sealing)
    const end = await interpret(plan, run, work)
    journal.append('run-ended', '', { ...end, counts: counts(journal.events) }, actor)
    seal(sealing)
    return { type: 'ended', ...end }
  } catch (error) {
    if (!(error instanceof Suspended || error instanceof Cancelled)) throw error
    const paused = pause(journal, error, actor)
    seal(sealing)
    return paused
  } finally {
    shim?.quit()
    journal.close()
  }
}

function pause(journal: Journal, cause: Suspended | Cancelled, actor: Actor): SessionEnd {
  if (cause instanceof Cancelled) {
    journal.append('run-paused', '', { topic: '', message: cause.message }, actor)
    return { type: 'interrupted', message: cause.message }
  }
  const { topic, question, message } = cause
  journal.append('run-paused', '', { topic, message }, actor)
  return { type: 'waiting', topic, question, message }
}

function counts(events: readonly Event[]): JsonObject {
  const found: Record<string, number> = {}
  for (const { status } of fold(events).steps.values()) found[status] = (found[status] ?? 0) + 1
  return found
}
