import { attemptKey } from '../../journal/record/event.ts'
import type { Event, EventType } from '../../journal/record/event.ts'
import type { LoadedKinds } from '../../kinds/index.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { suggest } from '../../model/suggest.ts'
import { ProblemError } from '../../model/problem.ts'

/** Which steps the operator wants, by ids. */
export interface Selection {
  from?: string | undefined
  only: readonly string[]
  skip: readonly string[]
  reason: string
}

export interface Skip {
  step: string
  reason: string
}

/** A selection that cannot be met, with what to do instead. */
function refused(message: string, hint: string): ProblemError {
  return new ProblemError({ message, hint }, 2)
}

/**
 * The steps to leave out. Approvals, gates and checklists before a step that is run are never among them: what they
 * guard is run only when they have let it. A step that may be under way is not either.
 */
export function stepsToSkip(
  plan: Plan,
  events: readonly Event[],
  selection: Selection,
  kindNamed: LoadedKinds['named'],
): Skip[] {
  const isGuard = ({ kind }: PlannedStep): boolean => kindNamed(kind).guard === true
  const { from, only, skip, reason } = selection
  const named = [...(from === undefined ? [] : [from]), ...only, ...skip].map((id) => stepNamed(plan, id))
  const fromAt = from === undefined ? 0 : plan.steps.findIndex(({ id }) => id === from)
  const lastAt =
    only.length === 0 ? plan.steps.length - 1 : plan.steps.findLastIndex(({ id }) => only.includes(id))
  for (const step of named)
    if (skip.includes(step.id) && isGuard(step))
      throw refused(
        `Step \`${step.id}\` is ${article(step.kind)} and cannot be skipped`,
        'Decide it: what comes after it relies on its answer.',
      )
  const finished = keysOf(events, 'step-finished')
  return plan.steps.flatMap((step, index): Skip[] => {
    const why = reasonFor(step, index, { from, fromAt, only, lastAt, skip, reason })
    if (why === undefined || finished.has(step.id)) return []
    if (isGuard(step) && index < lastAt) return []
    refuseUnderWay(step, events)
    return [{ step: step.id, reason: why }]
  })
}

function reasonFor(
  { id }: PlannedStep,
  index: number,
  wish: Selection & { fromAt: number; lastAt: number },
): string | undefined {
  if (wish.skip.includes(id)) return wish.reason
  const because = wish.reason === '' ? '' : `: ${wish.reason}`
  if (index < wish.fromAt) return `the run was to begin at \`${wish.from}\`${because}`
  if (wish.only.length > 0 && !wish.only.includes(id))
    return `only ${wish.only.map((one) => `\`${one}\``).join(', ')} was to be run${because}`
  return undefined
}

function article(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** The step of an id; refused with the nearest there is. */
export function stepNamed<S extends { id: string }>(
  plan: { slug: string; steps: readonly S[] },
  id: string,
): S {
  const step = plan.steps.find((one) => one.id === id)
  if (step) return step
  const ids = plan.steps.map((one) => one.id)
  const near = suggest(id, ids)
  throw refused(
    `${plan.slug} has no step \`${id}\``,
    near ? `Did you mean \`${near}\`?` : `Its steps are ${ids.join(', ')}.`,
  )
}

/** Leaving out a step that was begun and not seen to its end would forget what it may have done. */
function refuseUnderWay(step: PlannedStep, events: readonly Event[]): void {
  const started = keysOf(events, 'step-started')
  let last = 0
  while (started.has(attemptKey(step.id, last + 1))) last += 1
  if (last === 0 || step.effect !== 'write') return
  const ended = events.find(({ type, key }) => type === 'step-ended' && key === attemptKey(step.id, last))
  const status = ended?.data['status']
  if (status !== undefined && status !== 'unknown' && status !== 'cancelled') return
  throw refused(
    `Step \`${step.id}\` was begun, and how it ended is not settled; it cannot be skipped`,
    `Resume without skipping it; if it stays unknown, say how it ended with \`runbook resolve\`.`,
  )
}

function keysOf(events: readonly Event[], type: EventType): Set<string> {
  return new Set(events.filter((event) => event.type === type).map(({ key }) => key))
}
