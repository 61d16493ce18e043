import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../journal/event.ts'
import { fold } from '../journal/fold.ts'
import type { Journal } from '../journal/write.ts'
import type { JsonObject } from '../model/json.ts'
import { isScript } from '../model/languages.ts'
import type { Actor, Plan, PlannedStep } from '../model/plan.ts'
import { steadyClock } from './loop/clock.ts'
import { Cancelled, Suspended } from './loop/durable.ts'
import { embeddedRun } from './embedded.ts'
import type { Operator } from './embedded.ts'
import { startShim } from './process/executor/shim-client.ts'
import type { Shim } from './process/executor/shim-client.ts'
import type { Terminal } from './process/executor/terminal.ts'
import type { IncludePort } from './loop/include.ts'
import { interpret } from './loop/interpret.ts'
import type { KeyTaken } from './key.ts'
import { findByRun, isAlive } from './process/processes.ts'
import type { Survivor } from './process/processes.ts'
import { excerpt, redactValue } from './process/redact.ts'
import { openEvidence, seal } from './sign/seal.ts'
import type { SealOptions } from './sign/seal.ts'
import type { Signer } from './sign/key.ts'
import { checkerOf } from './sign/trust.ts'
import type { Trust } from './sign/ssh-keygen.ts'
import type { RunEnd } from './loop/verdict.ts'
import type { Work } from './loop/work.ts'
import { world } from './world.ts'

/** How one stretch of a run ended: for good, or until somebody takes it up again. */
export type SessionEnd = Ending & {
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

export interface SessionOptions {
  state: string
  actor: Actor
  operator: Operator
  secrets: Record<string, string>
  /** Stops the run: the step gets TERM, and KILL after the grace time. */
  cancelled: AbortSignal
  /** Ends the step with KILL at once. */
  killed: AbortSignal
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  graceMs: number
  /** Undo what was done when the run is stopped. */
  rollbackOnCancel: boolean
  /** Waits for a key another run holds; without it the call is refused. */
  onWaiting?: ((taken: KeyTaken) => void) | undefined
  env: Record<string, string | undefined>
  /** Where the operator sits; without it a step with a terminal has one where nobody is. */
  terminal?: Terminal | undefined
  /** Signs the head of the run; without it the run is unsigned. */
  signer?: Signer | undefined
  /** Fingerprint of its key, which the run records: the key says who somebody is. */
  signedWith?: string
  /** How runbooks include others; without it they cannot. */
  include?: IncludePort | undefined
  /** Whose approvals count; without it they are believed unsigned. */
  trust?: Trust | undefined
  onEvent: (event: Event, line: string) => void
  onOutput: (step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

/** Starts the process that starts steps, ahead of the first of them: it takes as long as the run's own beginning. */
export function shimFor(plan: Plan): { get(): Shim; quit(): void } {
  let shim = plan.steps.some(({ fences }) => fences.some(isScript)) ? startShim() : undefined
  return {
    get: () => (shim?.lives() ? shim : (shim = startShim())),
    quit: () => shim?.quit(),
  }
}

export interface Driven {
  plan: Plan
  journal: Journal
  folder: string
  cwd: string
  shim: () => Shim
}

/** Whatever is recorded passes the redactor, wherever it comes from. */
export function redactingJournal(journal: Journal, secrets: Record<string, string>): Journal {
  const values = Object.values(secrets)
  return {
    ...journal,
    append: (type, key, data, actor) => journal.append(type, key, redactValue(data, values), actor),
  }
}

/** Drives a run from where its journal stands, to its end or to where it must wait. */
export async function drive(driven: Driven, options: SessionOptions): Promise<SessionEnd> {
  const { journal } = driven
  const { actor } = options
  openEvidence(sealing(driven, options))
  try {
    const end = await goOn(driven, options)
    await nameLeft(journal, options)
    journal.append('run-ended', '', { ...end, counts: counts(journal.events) }, actor)
    const { problem } = seal(sealing(driven, options))
    return { type: 'ended', ...end, ...(problem === undefined ? {} : { unsigned: problem }) }
  } catch (error) {
    if (!(error instanceof Suspended || error instanceof Cancelled)) throw error
    await nameLeft(journal, options)
    const paused = pause(journal, error, options)
    const { problem } = seal(sealing(driven, options))
    return { ...paused, ...(problem === undefined ? {} : { unsigned: problem }) }
  }
}

export function sealing({ plan, journal, folder }: Driven, options: SessionOptions): SealOptions {
  const { state, actor, signer } = options
  return { state, folder, slug: plan.slug, journal, actor, signer }
}

function pause(journal: Journal, cause: Suspended | Cancelled, options: SessionOptions): SessionEnd {
  const { message } = cause
  if (cause instanceof Cancelled) {
    journal.append('run-paused', '', { topic: '', message }, options.actor)
    return { type: 'interrupted', message }
  }
  const { topic, question, run } = cause
  const nested = run === undefined ? {} : { run }
  journal.append('run-paused', '', { topic, message, ...nested }, options.actor)
  const shown = redactValue(question, Object.values(options.secrets))
  return { type: 'waiting', topic, message, question: shown, ...nested }
}

async function goOn(driven: Driven, options: SessionOptions): Promise<RunEnd> {
  const { run, work } = worldOf(driven, options)
  try {
    return await interpret(driven.plan, run, work)
  } catch (error) {
    if (!(error instanceof Cancelled) || !options.rollbackOnCancel || options.killed.aborted) throw error
    await run.record('rollback-started', '', () => ({
      step: '',
      reason: `The run was stopped by ${options.actor.id}`,
    }))
    // The wish to stop has been heard; only the second one stops the way back.
    const back = worldOf(driven, { ...options, cancelled: options.killed })
    return interpret(driven.plan, back.run, back.work)
  }
}

/** The run and the world as the interpreter sees them. */
export function worldOf(
  { plan, journal, folder, cwd, shim }: Driven,
  options: SessionOptions,
): { run: ReturnType<typeof embeddedRun>; work: Work } {
  const { actor, operator, cancelled, killed, secrets, env, graceMs, onOutput } = options
  const check = checkerOf(options.trust, env)
  const now = steadyClock()
  const run = embeddedRun({ plan, folder, journal, actor, operator, cancelled, now, check })
  const cancel = { soft: cancelled, hard: killed }
  const work = world({
    plan,
    run,
    folder,
    cwd,
    secrets,
    outer: env,
    actor: actor.id,
    cancel,
    graceMs,
    shim,
    terminal: options.terminal,
    onOutput,
    include: options.include,
  })
  return { run, work }
}

/**
 * Records what a step left running although its group was ended: it went into a session of its own. What an attempt
 * that is still under way has started is not left.
 */
export async function nameLeft(journal: Journal, { actor, secrets }: SessionOptions): Promise<void> {
  const values = Object.values(secrets)
  const known = new Set(journal.events.filter(({ type }) => type === 'process-left').map(({ key }) => key))
  const busy = attemptsUnderWay(journal.events)
  for (const { pid, start, command, attempt } of await lasting(journal.events[0]?.run ?? '')) {
    const key = `${attempt.split('/')[0] ?? ''}/${pid}-${start}`
    if (known.has(key) || busy.has(attempt)) continue
    const message = `left process ${pid} running: ${excerpt(command, 500, values)}`
    const data = { pid, command: excerpt(command, 2000, values), attempt, message }
    journal.append('process-left', key, data, actor)
  }
}

/** What was killed a moment ago may take another to be gone. */
async function lasting(run: string): Promise<Survivor[]> {
  let found = findByRun(run)
  for (let look = 0; found.length > 0 && look < 10; look++) {
    await sleep(20)
    found = found.filter(isAlive)
  }
  return found
}

function attemptsUnderWay(events: readonly Event[]): Set<string> {
  const attempts = new Set<string>()
  for (const { type, key } of events) {
    const name = key.replace('#', type.startsWith('undo') ? '/undo-' : '/')
    if (type === 'step-started' || type === 'undo-started') attempts.add(name)
    if (type === 'step-ended' || type === 'undo-ended') attempts.delete(name)
  }
  return attempts
}

export function counts(events: readonly Event[]): JsonObject {
  const found: Record<string, number> = {}
  for (const { status } of fold(events).steps.values()) found[status] = (found[status] ?? 0) + 1
  return found
}
