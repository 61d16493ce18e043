import { commonParams } from '../../model/steps/common-params.ts'
import { formatDuration, parseDuration } from '../../model/values/duration.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { DurableRun } from './durable.ts'
import type { Verdict } from './verdict.ts'

export interface Budget {
  /** The promised time in milliseconds. */
  ms: number
  /** Whether being late is a failure. */
  strict: boolean
}

/** The time a step is promised to take, if there is one. */
export function budgetOf({ attributes }: PlannedStep): Budget | undefined {
  const { budget, onLate } = attributes
  const ms = typeof budget === 'string' ? parseDuration(budget) : undefined
  return ms === undefined ? undefined : { ms, strict: commonParams().shape.onLate.parse(onLate) === 'fail' }
}

/** Remembers when the promised time began: once, whatever happens to the runner. */
export async function startClock(run: DurableRun, key: string, budget: Budget | undefined): Promise<void> {
  if (budget) await run.record('moment-recorded', clockKey(key), () => ({ at: run.now() }))
}

/** How late it is, in words, recorded; undefined when it is in time. */
export async function lateness(
  run: DurableRun,
  key: string,
  budget: Budget | undefined,
): Promise<string | undefined> {
  const began = run.peek<{ at: number }>('moment-recorded', clockKey(key))
  if (!budget || !began) return undefined
  const tookMs = run.now() - began.value.at
  const exceeded = run.peek<{ message: string }>('budget-exceeded', key)
  if (exceeded) return exceeded.value.message
  if (tookMs <= budget.ms) return undefined
  const message = `took ${formatDuration(tookMs)}, later than the promised ${formatDuration(budget.ms)}`
  await run.record('budget-exceeded', key, () => ({ tookMs, budgetMs: budget.ms, message }))
  return message
}

/** A step that passed late has failed when its runbook says so. */
export async function heldInTime(run: DurableRun, step: PlannedStep, verdict: Verdict): Promise<Verdict> {
  const budget = budgetOf(step)
  const late = verdict.status === 'skipped' ? undefined : await lateness(run, step.id, budget)
  if (late === undefined || !budget?.strict || verdict.status !== 'passed') return verdict
  return { ...verdict, status: 'failed', message: `${verdict.message}, but ${late}` }
}

function clockKey(key: string): string {
  return key === '' ? '/budget' : `${key}/budget`
}
