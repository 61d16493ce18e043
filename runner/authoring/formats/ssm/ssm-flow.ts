import { isRecord } from '../../../model/values/json.ts'
import { textOfValue } from '../source-tree.ts'

/** A step's way on: the next steps that may follow it, by their names. */
export interface SsmFlow {
  name: string
  /** Of a branch; empty for another step. */
  choices: string[]
  next: string | undefined
}

/** The way of each step. A step without `nextStep` is followed by the one below it. */
export function flowOf(steps: readonly Readonly<Record<string, unknown>>[]): SsmFlow[] {
  return steps.map((step, index) => {
    const after = steps[index + 1]?.['name']
    const below = typeof after === 'string' ? after : undefined
    const isLast = step['isEnd'] === true || step['isEnd'] === 'true'
    const named = typeof step['nextStep'] === 'string' ? step['nextStep'] : undefined
    const isBranch = step['action'] === 'aws:branch'
    return {
      name: textOfValue(step['name']),
      choices: isBranch ? choicesOf(step, below) : [],
      next: isLast ? undefined : (named ?? below),
    }
  })
}

function choicesOf(step: Readonly<Record<string, unknown>>, below: string | undefined): string[] {
  const inputs = isRecord(step['inputs']) ? step['inputs'] : {}
  const choices = Array.isArray(inputs['Choices']) ? inputs['Choices'] : []
  const named = choices.flatMap((choice) =>
    isRecord(choice) && typeof choice['NextStep'] === 'string' ? [choice['NextStep']] : [],
  )
  const end = step['isEnd'] === true || step['isEnd'] === 'true'
  const otherwise = typeof inputs['Default'] === 'string' ? inputs['Default'] : end ? 'end' : (below ?? 'end')
  return [...new Set([...named, otherwise])]
}

/** The steps that a run may reach from one, in either way of each branch. */
export function reachable(from: string, flow: readonly SsmFlow[]): ReadonlySet<string> {
  const byName = new Map(flow.map((one) => [one.name, one]))
  const reached = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = byName.get(name)
    if (!step || reached.has(name)) continue
    reached.add(name)
    open.push(...(step.choices.length > 0 ? step.choices : step.next === undefined ? [] : [step.next]))
  }
  return reached
}
