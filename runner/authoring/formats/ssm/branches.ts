import { stringify } from 'yaml'
import type { DraftStep } from '../draft.ts'
import { reachable } from './ssm-flow.ts'
import type { SsmFlow } from './ssm-flow.ts'
import { note } from './work.ts'
import type { Path, Work } from './work.ts'

/** A branch is a question for a person: where the source goes on. */
export function branchStep(name: string, id: string, title: string, path: Path, work: Work): DraftStep {
  const { tree, names, flow } = work
  const choices = flow.find((one) => one.name === name)?.choices ?? []
  const output = names.variable(`${name} way`)
  work.branches.set(name, output)
  note(work, path, `the branch \`${name}\` is left to a person, who chooses where the run goes on`)
  const field = {
    [output]: { type: 'choice', description: 'The step at which the run goes on.', options: choices },
  }
  return {
    element: 'Ask',
    id,
    title,
    attributes: { outputs: output },
    fences: [
      { info: 'yaml', code: stringify(field) },
      { info: 'yaml example', code: tree.textOf(path) },
    ],
  }
}

/** When a step runs: the ways of the branches above that lead to it. */
export function conditionOf(name: string, index: number, { flow, branches }: Work): string | undefined {
  const above = flow.slice(0, index).filter((one) => branches.has(one.name))
  const conditions = above.flatMap((branch) => {
    const leading = branch.choices.filter((choice) => reachable(choice, flow).has(name))
    if (leading.length === branch.choices.length) return []
    const output = branches.get(branch.name) ?? ''
    const listed = leading.map((choice) => `'${choice}'`).join(', ')
    return [`(!has(outputs.${output}) || outputs.${output} in [${listed}])`]
  })
  return conditions.length === 0 ? undefined : conditions.join(' && ')
}

/** Jumps that the order of steps does not have. */
export function noteJumps(work: Work): void {
  const order = new Map(work.flow.map(({ name }, index) => [name, index]))
  for (const [index, { name, next, choices }] of work.flow.entries()) {
    const path = ['mainSteps', index]
    const below = work.flow[index + 1]?.name
    const back = [...choices, ...(next === undefined ? [] : [next])].find(
      (to) => (order.get(to) ?? index + 1) <= index,
    )
    if (back !== undefined)
      note(work, path, `\`${name}\` goes back to \`${back}\`: a run does not go back, start another one`)
    else if (
      choices.length === 0 &&
      next !== below &&
      index + 1 < work.flow.length &&
      !isSkippedBy(work.flow, index)
    )
      note(
        work,
        path,
        `\`${name}\` goes on at \`${next ?? 'the end'}\`: the run goes on with the step below it`,
      )
  }
}

/** Whether the step below is reached by a branch alone, whose way keeps it apart. */
function isSkippedBy(flow: readonly SsmFlow[], index: number): boolean {
  const { next } = flow[index] ?? {}
  const from = next === undefined ? flow.length : flow.findIndex(({ name }) => name === next)
  return flow
    .slice(index + 1, from)
    .every(({ name }) =>
      flow
        .slice(0, index)
        .some(({ choices }) =>
          choices.some(
            (choice) =>
              reachable(choice, flow).has(name) && !reachable(choice, flow).has(flow[index]?.name ?? ''),
          ),
        ),
    )
}
