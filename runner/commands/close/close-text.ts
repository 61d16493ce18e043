import type { StoredRun } from '../../journal/record/run-store.ts'

/** The run that a second person closes: title, inputs, how each step and the run ended. */
export function shownText({ plan, state }: StoredRun): string {
  const steps = plan.steps.map(({ id, title }) => {
    const { status = 'pending', message = '' } = state.steps.get(id) ?? {}
    return `  ${status}  ${id}  ${title}${message === '' ? '' : `: ${message}`}`
  })
  return [
    `${plan.title}, run ${state.run} of ${state.actor.id}: ${state.status}`,
    ...Object.entries(plan.inputs).map(([name, value]) => `  ${name} = ${value}`),
    ...steps,
  ].join('\n')
}
