import type { StoredRun } from '../../journal/record/run-store.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

/** The steps a resumption would come to, first to last. */
export function stepsLeft({ plan, state }: StoredRun): PlannedStep[] {
  const over = ['passed', 'skipped', 'undone']
  return plan.steps.filter(({ id }) => !over.includes(state.steps.get(id)?.status ?? 'pending'))
}

/** The steps whose effect a rollback would look for and undo, last to first. */
export function stepsToUndo({ plan, state }: StoredRun): PlannedStep[] {
  const begun = ['passed', 'failed', 'stopped', 'unknown', 'running']
  return plan.steps
    .filter(
      ({ id, effect }) => effect === 'write' && begun.includes(state.steps.get(id)?.status ?? 'pending'),
    )
    .toReversed()
}

/** The output of a dry run of a resume: the steps it would reach. */
export function showSteps(what: string, { state }: StoredRun, steps: readonly PlannedStep[], io: Io): void {
  if (io.json) {
    io.out(JSON.stringify({ run: state.run, dryRun: true, steps: steps.map(({ id }) => id) }))
    return
  }
  io.out(steps.length === 0 ? `${state.run}: nothing to ${what}` : `${state.run}: would ${what}`)
  for (const step of steps) {
    const undo = step.fences.some(({ role }) => role === 'undo') ? '' : ', which has no undo'
    io.out(`  ${step.id}  ${printable(step.title)}${what === 'undo' ? undo : ''}`)
  }
}
