import { checkEffect, hasOutputs } from './check-effect.ts'
import { attemptKey } from '../../journal/record/event.ts'
import type { ProcessOutcome, Result } from '../../kinds/kind.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { budgetOf, heldInTime, startClock } from './budget.ts'
import { Cancelled } from './durable.ts'
import type { DurableRun, Recorded } from './durable.ts'
import type { StepParams } from '../../model/steps/step-params.ts'
import type { Boot } from '../process/processes.ts'
import { askHow, isSaidDone, settleUnknown } from './settle-unknown.ts'
import type { Scope, Verdict } from './verdict.ts'
import type { EffectCheck } from './work.ts'

const verdict = (
  status: Verdict['status'],
  message: string,
  outputs: Record<string, string> = {},
): Verdict => ({ status, message, outputs })

/** A stop that no policy of the step turns into something else. */
const stopped = (message: string): Verdict => ({ ...verdict('stopped', message), stays: true })

/** How often one runner loses attempts of a step before it stops; a resume begins anew. */
export const mostLost = 3

/** A verdict and the attempt that led to it; 0 when there was none. */
interface Reached {
  verdict: Verdict
  attempt: number
}

/** Runs one step to its verdict. A final verdict is recorded; a failure that stops the run may be resumed. */
export async function runStep(step: PlannedStep, scope: Scope): Promise<Verdict> {
  const { run } = scope
  const finished = run.peek<Verdict>('step-finished', step.id)
  if (finished) return finished.value
  await startClock(run, step.id, budgetOf(step))
  const decided = await decide(step, scope)
  const reached = { ...decided, verdict: await heldInTime(run, step, decided.verdict) }
  if (isFinal(step, reached.verdict))
    return (await run.record('step-finished', step.id, () => reached.verdict)).value
  const key =
    reached.attempt > 0 ? attemptKey(step.id, reached.attempt) : `${attemptKey(step.id, 0)}/${run.resumedAt}`
  return (await run.record('step-failed', key, () => reached.verdict)).value
}

/** Verdicts that a resume keeps. */
function isFinal(step: PlannedStep, { status, stays }: Verdict): boolean {
  if (stays) return false
  const policy = step.attributes['onFailure']
  if (status === 'passed' || status === 'skipped' || policy === 'rollback') return true
  return status === 'failed' && policy === 'continue'
}

async function decide(planned: PlannedStep, scope: Scope): Promise<Reached> {
  const before = (early: Verdict): Reached => ({ verdict: early, attempt: 0 })
  const skip = scope.run.peek<{ reason: string }>('step-skipped', planned.id)
  if (skip) return before(verdict('skipped', `was skipped: ${skip.value.reason}`))
  const wanted = await scope.work.when(planned, scope.outputs)
  if (!wanted.ok) return before(verdict('failed', wanted.problem.message))
  if (!wanted.value)
    return before(verdict('skipped', `was skipped: \`${String(planned.attributes['when'])}\` is false`))
  const prepared = scope.work.prepare(planned, scope.outputs)
  if (!prepared.ok) return before(verdict('failed', prepared.problem.message))
  const { step, params } = prepared.value
  const held = await effectHeldBefore(step, scope)
  if (held) return before(verdict('skipped', 'was skipped: its effect already holds', held.outputs))
  return attempts(step, params, scope)
}

/** A finished effect is not repeated; but a step whose outputs are needed and not there must run. */
async function effectHeldBefore(step: PlannedStep, scope: Scope): Promise<EffectCheck | undefined> {
  if (step.effect !== 'write') return undefined
  const check = await checkEffect(step, attemptKey(step.id, 0), '0', scope)
  return check?.holds === 'yes' && hasOutputs(step, check) ? check : undefined
}

/** A failed step may still have taken effect, or somebody may have done it by hand since. */
async function effectHoldsNow(
  step: PlannedStep,
  attempt: number,
  scope: Scope,
): Promise<EffectCheck | undefined> {
  const { run } = scope
  if (step.effect !== 'write') return undefined
  if (run.peek('step-started', attemptKey(step.id, attempt + 1))) return undefined
  const label = `${attempt}-${run.resumedAt}`
  const check = await checkEffect(step, `${step.id}/${label}`, label, scope)
  return check?.holds === 'yes' && hasOutputs(step, check) ? check : undefined
}

async function attempts(step: PlannedStep, params: StepParams, scope: Scope): Promise<Reached> {
  const { run, work, outputs } = scope
  let asked = false
  let failures = 0
  let lost = 0
  for (let attempt = 1; ; attempt++) {
    const key = attemptKey(step.id, attempt)
    if (run.peek('step-failed', key) && !isSaidDone(run, key)) {
      // The run ended here once. A resume tries the step anew, with all its retries.
      failures = 0
      const held = await effectHoldsNow(step, attempt, scope)
      if (!held) continue
      return { verdict: verdict('passed', 'failed before, and its effect holds now', held.outputs), attempt }
    }
    if (!run.peek('step-started', key) && !asked) {
      const refusal = await permission(step, params, attempt, run)
      if (refusal) return { verdict: refusal, attempt: 0 }
      asked = true
    }
    const { value: intent } = await run.record('step-started', key, () => ({
      kind: step.kind,
      effect: step.effect,
      title: step.title,
      ...work.here(),
    }))
    const ended = await run.record('step-ended', key, () =>
      work.attempt({ step, attempt, outputs, intent }, params),
    )
    const next = await judge({ step, params, attempt, ended, intent, scope })
    if (next === 'again') {
      if (isLost(ended, run)) lost += 1
      if (lost < mostLost) continue
      return {
        verdict: verdict('failed', `was lost ${lost} times in a row: ${ended.value.message}`),
        attempt,
      }
    }
    if (next !== 'failed') return { verdict: next, attempt }
    failures += 1
    if (failures > params.common.retries) return { verdict: verdict('failed', ended.value.message), attempt }
    await pause(key, pauseAfter(failures, params.common.retryDelay), run)
  }
}

/** An attempt this very runner made, and did not see the end of: whatever starts steps does not live here. */
export function isLost({ value, seq }: Recorded<Result>, run: DurableRun): boolean {
  return (value.status === 'unknown' || value.status === 'not-started') && seq >= run.resumedAt
}

/** Longest pause between two attempts that doubling makes, in milliseconds: a longer one only where it is written. */
const LONGEST_PAUSE_MS = 3_600_000

/** The pause after so many failures, in milliseconds, before jitter. */
function pauseAfter(failures: number, firstMs: number): number {
  return Math.max(firstMs, Math.min(LONGEST_PAUSE_MS, firstMs * 2 ** (failures - 1)))
}

async function pause(key: string, delayMs: number, run: DurableRun): Promise<void> {
  const { value } = await run.record('moment-recorded', `${key}/retry`, () => ({
    at: Math.round(run.now() + delayMs * (0.75 + run.random() / 2)),
  }))
  await run.sleepUntil(value.at)
}

/** A step that writes is shown and asked for; a word to type is asked for whatever the effect. */
async function permission(
  step: PlannedStep,
  params: StepParams,
  attempt: number,
  run: DurableRun,
): Promise<Verdict | undefined> {
  const key = attemptKey(step.id, attempt)
  if (step.effect === 'write') {
    const { value } = await run.wait(`${key}/go`, { type: 'go', step: step.id, title: step.title, attempt })
    if (value.answer === 'skip') return verdict('skipped', `was skipped by ${value.by.id}: ${value.reason}`)
    if (value.answer === 'stop') return stopped(`was stopped by ${value.by.id} before it began`)
  }
  const { confirm } = params.common
  if (confirm === undefined) return undefined
  const { value } = await run.wait(`${key}/confirm`, {
    type: 'confirm',
    step: step.id,
    title: step.title,
    word: confirm,
  })
  return value.answer === 'confirmed' ? undefined : stopped(`was not confirmed by ${value.by.id}`)
}

interface Judged {
  step: PlannedStep
  params: StepParams
  attempt: number
  ended: Recorded<Result>
  intent: Boot
  scope: Scope
}

async function judge(judged: Judged): Promise<Verdict | 'again' | 'failed'> {
  const { step, ended, scope } = judged
  const { status, message } = ended.value
  const earlier = ended.seq < scope.run.resumedAt
  switch (status) {
    case 'passed':
      return confirmEffect(judged)
    case 'not-started':
      return earlier || wasAdopted(ended.value)
        ? 'again'
        : verdict('failed', `could not be started: ${message}`)
    case 'unknown':
      return settleUnknown({ ...judged, why: message })
    case 'cancelled':
      if (!earlier) throw new Cancelled('The step was cancelled')
      return step.effect === 'write' ? settleUnknown({ ...judged, why: `it ${message}` }) : 'again'
    case 'rejected':
      return verdict('stopped', message)
    case 'expired':
    case 'breached':
      return verdict('stopped', message)
    case 'inconclusive':
      if (ended.value.data['rollback'] !== true) return stopped(message)
      await scope.run.record('rollback-started', '', () => ({
        step: step.id,
        reason: `Step \`${step.id}\` ${message}`,
      }))
      return verdict('stopped', message)
    default:
      return 'failed'
  }
}

/** Whether an outcome was found rather than seen: what never started may then be started. */
export function wasAdopted(ended: Result): boolean {
  return (ended.data['process'] as Partial<ProcessOutcome> | undefined)?.adopted === true
}

/** Exit code 0 is a claim; the `done` fence and the declared outputs are the proof. */
async function confirmEffect(judged: Judged): Promise<Verdict | 'again'> {
  const { step, attempt, ended, scope } = judged
  const { outputs } = ended.value
  const missing = step.outputs.filter((name) => !(name in outputs))
  const extra = Object.keys(outputs).filter((name) => !step.outputs.includes(name))
  const undeclared =
    extra.length > 0 ? `, and wrote \`${extra.join('`, `')}\`, which it does not declare` : ''
  const message = ended.value.message + undeclared
  if (missing.length > 0)
    return verdict('failed', `${message}, but did not produce its output \`${missing.join('`, `')}\``)
  const declared = Object.fromEntries(step.outputs.map((name) => [name, outputs[name] ?? '']))
  const after = { ...scope, outputs: { ...scope.outputs, ...declared } }
  const check = await checkEffect(step, attemptKey(step.id, attempt), String(attempt), after)
  if (!check) return verdict('passed', message, declared)
  if (check.holds === 'yes') return verdict('passed', `${message}, and its effect holds`, declared)
  if (check.holds === 'no' || step.effect !== 'write')
    return verdict('failed', `${message}, but its effect does not hold: ${check.message}`)
  // To run it again would do no less harm than after a crash: the same people are asked the same.
  return askHow({ ...judged, why: `it ${message}` }, check.message, declared)
}
