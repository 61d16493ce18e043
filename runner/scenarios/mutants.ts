import { parse } from 'yaml'
import { amountTimes } from './amount-times.ts'
import type { Plan, PlannedStep } from '../model/plan.ts'
import type { Literal } from '../model/runbook.ts'
import type { ChangeStep } from './world/work-in-scenario.ts'

/** A runbook with one thing made worse, as a careless edit would. */
export interface Mutant {
  /** The step that it changes, and the next one where two change places. */
  steps: readonly string[]
  /** The difference, such as `undo dropped`. */
  what: string
  /** Line of the step in its document. */
  line: number
  plan(plan: Plan): Plan
  change?: ChangeStep
}

/** Every mutant of a plan. None changes prose or scripts: those do not run in a scenario. */
export function mutantsOf({ steps }: Plan): Mutant[] {
  const hasApprovals = steps.filter(({ kind }) => kind === 'approval').length > 1
  return steps.flatMap((step, index) => [
    ...(steps.length > 1 ? [{ ...about(step, 'step dropped'), plan: without(step.id) }] : []),
    ...swapped(step, steps[index + 1]),
    ...conditions(step),
    ...policies(step),
    ...effects(step),
    ...(step.kind === 'gate' ? gates(step) : []),
    ...(step.kind === 'approval' ? approvals(step, hasApprovals) : []),
  ])
}

function about({ id, line }: PlannedStep, what: string): Pick<Mutant, 'steps' | 'what' | 'line'> {
  return { steps: [id], what, line }
}

function without(id: string): Mutant['plan'] {
  return (plan) => ({ ...plan, steps: plan.steps.filter((step) => step.id !== id) })
}

function changed(id: string, change: (step: PlannedStep) => PlannedStep): Mutant['plan'] {
  return (plan) => ({ ...plan, steps: plan.steps.map((step) => (step.id === id ? change(step) : step)) })
}

function swapped(step: PlannedStep, next: PlannedStep | undefined): Mutant[] {
  if (!next || (step.effect !== 'write' && next.effect !== 'write')) return []
  return [
    {
      steps: [step.id, next.id],
      what: `swapped with \`${next.id}\``,
      line: step.line,
      plan: (plan) => {
        const steps = [...plan.steps]
        const at = steps.findIndex(({ id }) => id === step.id)
        const [one, other] = [steps[at], steps[at + 1]]
        if (one && other) steps.splice(at, 2, other, one)
        return { ...plan, steps }
      },
    },
  ]
}

function withAttribute(step: PlannedStep, what: string, name: string, value: Literal | undefined): Mutant {
  return {
    ...about(step, what),
    plan: changed(step.id, (one) => {
      const { [name]: _, ...rest } = one.attributes
      return { ...one, attributes: value === undefined ? rest : { ...rest, [name]: value } }
    }),
  }
}

function conditions(step: PlannedStep): Mutant[] {
  const { when } = step.attributes
  if (typeof when !== 'string') return []
  return [
    withAttribute(step, '`when` dropped', 'when', undefined),
    withAttribute(step, '`when` inverted', 'when', `!(${when})`),
  ]
}

function policies(step: PlannedStep): Mutant[] {
  const { onFailure, expect, retries } = step.attributes
  return [
    ...(onFailure !== undefined && onFailure !== 'stop'
      ? [withAttribute(step, '`onFailure` dropped', 'onFailure', undefined)]
      : []),
    ...(expect === undefined ? [] : [withAttribute(step, '`expect` dropped', 'expect', undefined)]),
    ...(typeof retries === 'number' && retries > 0
      ? [withAttribute(step, '`retries` set to 0', 'retries', 0)]
      : []),
  ]
}

function effects(step: PlannedStep): Mutant[] {
  if (step.effect !== 'write') return []
  const withoutFence = (role: string): Mutant => ({
    ...about(step, `\`${role}\` dropped`),
    plan: changed(step.id, (one) => ({ ...one, fences: one.fences.filter((fence) => fence.role !== role) })),
  })
  const roles = step.fences.map(({ role }) => role)
  const always = step.fences.some(({ role, flags }) => role === 'undo' && flags.includes('always'))
  const notAlways: Mutant = {
    ...about(step, '`undo` no longer `always`'),
    plan: changed(step.id, (one) => ({
      ...one,
      fences: one.fences.map((fence) => (fence.role === 'undo' ? { ...fence, flags: [] } : fence)),
    })),
  }
  return [
    ...(roles.includes('undo') ? [withoutFence('undo')] : []),
    ...(roles.includes('done') ? [withoutFence('done')] : []),
    ...(always ? [notAlways] : []),
  ]
}

function gates(step: PlannedStep): Mutant[] {
  const count = listOf(step.fences.find(({ role }) => role === 'main')?.code ?? '').length
  const indexes = Array.from({ length: count }, (_, index) => index)
  const onList = (what: string, change: (list: Entry[]) => Entry[]): Mutant => ({
    ...about(step, what),
    plan: (plan) => plan,
    change: (ready) => (ready.id === step.id ? withList(ready, change) : ready),
  })
  return [
    ...(count > 1
      ? indexes.map((index) =>
          onList(`metric ${index + 1} dropped`, (list) => list.filter((_, at) => at !== index)),
        )
      : []),
    ...indexes.map((index) =>
      onList(`limit of metric ${index + 1} loosened`, (list) =>
        list.map((entry, at) => (at === index ? loosened(entry) : entry)),
      ),
    ),
    withAttribute(step, '`maxViolations` set to 100', 'maxViolations', 100),
    ...(step.attributes['onInconclusive'] === undefined || step.attributes['onInconclusive'] === 'stop'
      ? []
      : [withAttribute(step, '`onInconclusive` set to stop', 'onInconclusive', 'stop')]),
  ]
}

type Entry = Record<string, unknown>

function listOf(code: string): Entry[] {
  try {
    const list: unknown = parse(code.replaceAll(/\$\{\{.*?\}\}/g, 'x'))
    return Array.isArray(list) ? (list as Entry[]) : []
  } catch {
    return []
  }
}

function withList(step: PlannedStep, change: (list: Entry[]) => Entry[]): PlannedStep {
  return {
    ...step,
    fences: step.fences.map((fence) =>
      fence.role === 'main'
        ? { ...fence, code: JSON.stringify(change(parse(fence.code) as Entry[])) }
        : fence,
    ),
  }
}

/** The limit moved so far that a value that broke it by a tenth keeps it. */
function loosened(entry: Entry): Entry {
  if ('below' in entry) return { ...entry, below: amountTimes(entry['below'], 2) }
  return { ...entry, above: amountTimes(entry['above'], 0.5) }
}

function approvals(step: PlannedStep, several: boolean): Mutant[] {
  const { min, separate } = step.attributes
  return [
    ...(typeof min === 'number' && min > 1
      ? [withAttribute(step, '`min` lowered by 1', 'min', min - 1)]
      : []),
    ...(several && separate !== false
      ? [withAttribute(step, '`separate` set to false', 'separate', false)]
      : []),
  ]
}
