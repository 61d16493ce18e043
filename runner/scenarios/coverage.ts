import { parseKey } from '../journal/record/event.ts'
import type { Event, EventType } from '../journal/record/event.ts'
import type { Plan, PlannedStep } from '../model/plan.ts'
import type { Played } from './played.ts'

/** Something that may happen to a step. */
interface CoveragePoint {
  step: string
  /** Line of the step in its document. */
  line: number
  what: string
}

export interface Coverage {
  points: CoveragePoint[]
  unreached: CoveragePoint[]
}

/** The outcomes that scenarios reach, of all that a run may have. */
export function coverageOf(plan: Plan, played: readonly Played[]): Coverage {
  const points = plan.steps.flatMap((step) =>
    outcomesOf(step).map((what) => ({ step: step.id, line: step.line, what })),
  )
  const reached = new Set(played.flatMap(({ events }) => reachedBy(plan, events)))
  return { points, unreached: points.filter(({ step, what }) => !reached.has(`${step} ${what}`)) }
}

/** All that may happen to a step, in words that continue a sentence with its name. */
function outcomesOf(step: PlannedStep): string[] {
  const { kind, effect, attributes, fences } = step
  const writes = effect === 'write'
  const has = (role: string): boolean => writes && fences.some((fence) => fence.role === role)
  const points: (string | false)[] = [
    'passes',
    canFail.has(kind) && 'fails',
    kind === 'gate' && 'breaks a limit',
    kind === 'gate' && 'is inconclusive',
    kind === 'approval' && 'is rejected',
    kind === 'approval' && attributes['expires'] !== undefined && 'expires',
    attributes['when'] !== undefined && 'is skipped by `when`',
    Number(attributes['retries'] ?? 0) > 0 && 'is tried again',
    has('done') && 'finds its effect there before',
    writes && 'is interrupted',
    (kind === 'wait' || kind === 'gate' || kind === 'approval') && 'is waited for by a run that is resumed',
    has('undo') && 'is undone',
    has('undo') && 'fails to be undone',
  ]
  return points.filter((point) => point !== false)
}

const canFail = new Set(['command', 'check', 'http', 'include'])

/** The types of events that show an outcome; a gate has many more. */
const telling: ReadonlySet<EventType> = new Set<EventType>([
  'step-finished',
  'step-ended',
  'step-started',
  'gate-watched',
  'effect-checked',
  'approval-requested',
  'undo-finished',
  'undo-ended',
])

function reachedBy(plan: Plan, events: readonly Event[]): string[] {
  const outcomes: string[] = []
  const resumed = events.flatMap(({ type, seq }) => (type === 'run-resumed' ? [seq] : []))
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  for (const event of events) {
    const { type, key, data, seq } = event
    if (!telling.has(type)) continue
    const { step, attempt } = parseKey(key)
    const planned = steps.get(step)
    if (!planned) continue
    const reach = (what: string): number => outcomes.push(`${step} ${what}`)
    const { status, message } = data
    if (type === 'step-finished' && status === 'passed') reach('passes')
    if (type === 'step-finished' && status === 'skipped' && (message as string).endsWith('is false'))
      reach('is skipped by `when`')
    if (type === 'step-ended') {
      if (status === 'failed' || status === 'timeout') reach('fails')
      if (status === 'breached') reach(planned.kind === 'gate' ? 'breaks a limit' : 'fails')
      if (status === 'inconclusive') reach('is inconclusive')
      if (status === 'rejected') reach('is rejected')
      if (status === 'expired') reach('expires')
    }
    if (type === 'gate-watched' && data['verdict'] === 'inconclusive') reach('is inconclusive')
    if (type === 'step-started' && attempt > 1) reach('is tried again')
    if (type === 'effect-checked' && attempt === 0 && data['holds'] === 'yes')
      reach('finds its effect there before')
    if (type === 'step-started' && wasCut(event, events, resumed)) {
      reach('is interrupted')
      reach('is waited for by a run that is resumed')
    }
    if (type === 'approval-requested' && resumed.some((at) => at > seq))
      reach('is waited for by a run that is resumed')
    if (type === 'undo-finished') reach('is undone')
    if (type === 'undo-ended' && status !== 'passed') reach('fails to be undone')
  }
  return outcomes
}

/** Whether a life of the runner ended between the start of an attempt and its end. */
function wasCut({ key, seq }: Event, events: readonly Event[], resumed: readonly number[]): boolean {
  if (!resumed.some((at) => at > seq)) return false
  const end = events.find(({ type, key: other }) => type === 'step-ended' && other === key)
  const until = end?.seq ?? Infinity
  return resumed.some((at) => at > seq && at < until)
}
