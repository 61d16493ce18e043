import type { Result } from '../kinds/kind.ts'
import type { PlannedStep } from '../model/plan.ts'
import { attemptKey } from '../journal/event.ts'
import { Cancelled } from './durable.ts'
import type { DurableRun, Recorded } from './durable.ts'
import type { StepParams } from './plan.ts'
import { settleUnknown } from './unknown.ts'
import type { Scope, Verdict } from './verdict.ts'
import type { EffectCheck } from './work.ts'

const verdict = (
  status: Verdict['status'],
  message: string,
  outputs: Record<string, string> = {},
): Verdict => ({ status, message, outputs })

/** Runs one step to its verdict. What is final is recorded; a failure may be taken up again by a resume. */
export async function runStep(step: PlannedStep, scope: Scope): Promise<Verdict> {
  const known = scope.run.peek<Verdict>('step-finished', step.id)
  if (known) return known.value
  const reached = await decide(step, scope)
  const final =
    reached.status === 'passed' || reached.status === 'skipped' || step.attributes['onFailure'] === 'continue'
  const key = final ? step.id : `${step.id}#${scope.run.resumedAt}`
  return (await scope.run.record(final ? 'step-finished' : 'step-failed', key, () => reached)).value
}

async function decide(planned: PlannedStep, scope: Scope): Promise<Verdict> {
  const wanted = scope.work.when(planned, scope.outputs)
  if (typeof wanted !== 'boolean') return verdict('failed', wanted.problem)
  if (!wanted) return verdict('skipped', `was skipped: \`${String(planned.attributes['when'])}\` is false`)
  const prepared = scope.work.prepare(planned, scope.outputs)
  if ('problem' in prepared) return verdict('failed', prepared.problem)
  const { step, params } = prepared
  const held = await effectHeldBefore(step, scope)
  if (held) return verdict('skipped', 'was passed over: its effect already holds', held.outputs)
  return attempts(step, params, scope)
}

/** A finished effect is not repeated; but a step whose outputs are needed and not there must run. */
async function effectHeldBefore(step: PlannedStep, scope: Scope): Promise<EffectCheck | undefined> {
  if (step.effect !== 'write' || !step.fences.some((fence) => fence.role === 'done')) return undefined
  const key = attemptKey(step.id, 0)
  const { value } = await scope.run.record('effect-checked', key, () =>
    scope.work.check(step, '0', scope.outputs),
  )
  return value.holds === 'yes' && step.outputs.every((name) => name in value.outputs) ? value : undefined
}

async function attempts(step: PlannedStep, params: StepParams, scope: Scope): Promise<Verdict> {
  const { run, work } = scope
  let asked = false
  let failures = 0
  for (let attempt = 1; ; attempt++) {
    const key = attemptKey(step.id, attempt)
    if (!run.peek('step-started', key) && !asked) {
      const refusal = await permission(step, params, attempt, run)
      if (refusal) return refusal
      asked = true
    }
    await run.record('step-started', key, () => ({ kind: step.kind, effect: step.effect, title: step.title }))
    const ended = await run.record('step-ended', key, () =>
      work.attempt(step, params, attempt, scope.outputs),
    )
    const next = await judge(step, params, attempt, ended, scope)
    if (next !== 'again' && next !== 'failed') return next
    if (next === 'again' || ended.seq < run.resumedAt) continue
    failures += 1
    if (failures > params.common.retries) return verdict('failed', ended.value.message)
    await pause(key, params.common.retryDelay * 2 ** (failures - 1), run)
  }
}

async function pause(key: string, delayMs: number, run: DurableRun): Promise<void> {
  const { value } = await run.record('moment-recorded', `${key}/retry`, () => ({
    at: Math.round(run.now() + delayMs * (0.75 + Math.random() / 2)),
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
    if (value.answer === 'stop') return verdict('stopped', `was stopped by ${value.by.id} before it began`)
  }
  const { confirm } = params.common
  if (confirm === undefined) return undefined
  const { value } = await run.wait(`${key}/confirm`, {
    type: 'confirm',
    step: step.id,
    title: step.title,
    word: confirm,
  })
  return value.answer === 'confirmed' ? undefined : verdict('stopped', `was not confirmed by ${value.by.id}`)
}

type Next = Verdict | 'again' | 'failed'

async function judge(
  step: PlannedStep,
  params: StepParams,
  attempt: number,
  ended: Recorded<Result>,
  scope: Scope,
): Promise<Next> {
  const { status, message, outputs } = ended.value
  const earlier = ended.seq < scope.run.resumedAt
  switch (status) {
    case 'passed':
      return confirmEffect(step, attempt, outputs, message, scope)
    case 'not-started':
      return earlier || ended.value.data['adopted'] === true
        ? 'again'
        : verdict('failed', `could not be started: ${message}`)
    case 'unknown':
      return settleUnknown(step, params, attempt, message, scope)
    case 'cancelled':
      if (!earlier) throw new Cancelled('The step was cancelled')
      return step.effect === 'write' ? settleUnknown(step, params, attempt, `it ${message}`, scope) : 'again'
    case 'rejected':
      return verdict('stopped', message)
    case 'breached':
    case 'inconclusive':
      if (earlier) return 'again'
      if (ended.value.data['rollback'] === true)
        await scope.run.record('rollback-started', '', () => ({
          step: step.id,
          reason: `Step \`${step.id}\` ${message}`,
        }))
      return verdict('stopped', message)
    default:
      return 'failed'
  }
}

/** Exit code 0 is a claim; the `done` fence and the declared outputs are the proof. */
async function confirmEffect(
  step: PlannedStep,
  attempt: number,
  outputs: Record<string, string>,
  message: string,
  scope: Scope,
): Promise<Verdict> {
  const missing = step.outputs.filter((name) => !(name in outputs))
  if (missing.length > 0)
    return verdict('failed', `${message}, but did not produce its output \`${missing.join('`, `')}\``)
  const declared = Object.fromEntries(step.outputs.map((name) => [name, outputs[name] ?? '']))
  if (!step.fences.some((fence) => fence.role === 'done')) return verdict('passed', message, declared)
  const key = attemptKey(step.id, attempt)
  const { value } = await scope.run.record('effect-checked', key, () =>
    scope.work.check(step, String(attempt), { ...scope.outputs, ...declared }),
  )
  if (value.holds === 'yes') return verdict('passed', `${message}, and its effect holds`, declared)
  return verdict('failed', `${message}, but its effect does not hold: ${value.message}`)
}
