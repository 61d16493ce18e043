import type { PlannedStep } from '../../model/plan.ts'
import type { Scope } from './verdict.ts'
import type { EffectCheck } from './work.ts'

/** The result of the `done` fence of a step, recorded once under `key`; `label` names its output. Undefined without that fence. */
export async function checkEffect(
  step: PlannedStep,
  key: string,
  label: string,
  { run, work, outputs }: Scope,
): Promise<EffectCheck | undefined> {
  if (!step.fences.some(({ role }) => role === 'done')) return undefined
  return (await run.record('effect-checked', key, () => work.check(step, label, outputs))).value
}

/** The words of a check to the person who is asked about the step. */
export function checkWords(check: EffectCheck | undefined): string {
  return check?.message ?? 'there is no `done` fence'
}

/** Whether the check printed every output that the step declares. */
export function hasOutputs(step: PlannedStep, { outputs }: EffectCheck): boolean {
  return step.outputs.every((name) => name in outputs)
}
