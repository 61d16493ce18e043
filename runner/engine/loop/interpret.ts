import type { Plan, PlannedStep } from '../../model/plan.ts'
import { lateness, startClock } from './budget.ts'
import type { DurableRun } from './durable.ts'
import { rollback } from './rollback.ts'
import { runStep } from './step.ts'
import type { Cause, RunEnd, Verdict } from './verdict.ts'
import type { Work } from './work.ts'

/**
 * Runs a plan from wherever its journal stands. Every value that decides something is recorded before it is acted
 * on, so running this again over the same journal takes the same way to the same place.
 */
export async function interpret(plan: Plan, run: DurableRun, work: Work): Promise<RunEnd> {
  const outputs: Record<string, string> = {}
  const passedOver: string[] = []
  const budget =
    plan.budgetMs === undefined ? undefined : { ms: plan.budgetMs, strict: plan.lateFails === true }
  await startClock(run, '', budget)
  for (const step of plan.steps) {
    if (isRollingBack(run)) break
    const verdict = await runStep(step, { plan, run, work, outputs })
    Object.assign(outputs, verdict.outputs)
    if (isRollingBack(run)) break
    if (verdict.status === 'passed' || verdict.status === 'skipped') continue
    const policy = step.attributes['onFailure']
    if (verdict.status === 'failed' && policy === 'continue') passedOver.push(step.id)
    else if (policy === 'rollback' && !verdict.stays) await startRollback(run, step, verdict)
    else return stopAt(step, verdict)
  }
  const cause = run.peek<Cause>('rollback-started', '')
  if (cause) return rollback({ plan, run, work, outputs: finishedOutputs(plan, run), cause: cause.value })
  const note =
    passedOver.length > 0 ? `; ${passedOver.join(', ')} failed and was ignored (onFailure=continue)` : ''
  const late = await lateness(run, '', budget)
  const all = plan.steps.length === 1 ? 'The step is' : `All ${plan.steps.length} steps are`
  const message = `${all} done${note}${late === undefined ? '' : `; the run ${late}`}`
  return { status: late !== undefined && budget?.strict ? 'failed' : 'succeeded', message, step: '' }
}

function stopAt({ id }: PlannedStep, { status, message, stays }: Verdict): RunEnd {
  const end = status === 'failed' ? 'failed' : 'stopped'
  return { status: end, message: `Step \`${id}\` ${message}`, step: id, ...(stays ? { stays } : {}) }
}

function isRollingBack(run: DurableRun): boolean {
  return run.peek('rollback-started', '') !== undefined
}

async function startRollback(run: DurableRun, step: PlannedStep, verdict: Verdict): Promise<void> {
  await run.record('rollback-started', '', () => ({
    step: step.id,
    reason: `Step \`${step.id}\` ${verdict.message}`,
  }))
}

/** A rollback may begin in another process than the steps: what they produced comes from the journal alone. */
function finishedOutputs(plan: Plan, run: DurableRun): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const { id } of plan.steps) {
    const ended = run.peek<Verdict>('step-finished', id)
    if (ended) Object.assign(outputs, ended.value.outputs)
  }
  return outputs
}
