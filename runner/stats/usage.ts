import type { RunState, StepStatus } from '../journal/fold.ts'
import type { Event } from '../journal/record/event.ts'
import { asText, isRecord } from '../model/values/json.ts'
import type { Plan } from '../model/plan.ts'
import { isDrill } from './run-stats.ts'

const DAY_MS = 86_400_000

/** A run as it is counted here. */
interface UsedRun {
  plan: Pick<Plan, 'steps'>
  state: Pick<RunState, 'slug' | 'status' | 'startedAt' | 'endedAt' | 'inputs' | 'steps'> & {
    practice?: true
  }
  events: readonly Event[]
}

/** How a runbook was used. */
export interface RunbookUsage {
  slug: string
  /** Runs of real work that have ended, and those of them that succeeded. */
  ended: number
  succeeded: number
  /** Median time of the successes in milliseconds; undefined without one. */
  usualMs: number | undefined
  /** Drills that have ended, and those that ended well: a rollback that was practised is one. */
  drills: number
  drillsPassed: number
}

/** The runs that an alert started. */
export interface AlertUsage {
  alert: string
  runs: number
  /** Runs in which no writing step began: many of them mean that the alert asks for nothing. */
  withoutAction: number
}

/** Use of each runbook and alert in the last days, by name. */
export function usage(
  runs: readonly UsedRun[],
  { now, days }: { now: number; days: number },
): { runbooks: RunbookUsage[]; alerts: AlertUsage[] } {
  const recent = runs.filter(({ state }) => Date.parse(state.startedAt) >= now - days * DAY_MS)
  const bySlug = Map.groupBy(recent, ({ state }) => state.slug)
  const byAlert = Map.groupBy(
    recent.filter((run) => alertOf(run) !== undefined && !isDrill(run.state)),
    (run) => alertOf(run) ?? '',
  )
  return {
    runbooks: sorted(bySlug).map(([slug, list]) => runbookUsage(slug, list)),
    alerts: sorted(byAlert).map(([alert, list]) => ({
      alert,
      runs: list.length,
      withoutAction: list.filter((run) => !hasActed(run)).length,
    })),
  }
}

function runbookUsage(slug: string, runs: readonly UsedRun[]): RunbookUsage {
  const ended = runs.map(({ state }) => state).filter(({ endedAt }) => endedAt !== undefined)
  const real = ended.filter((state) => !isDrill(state))
  const drills = ended.filter(isDrill)
  const succeeded = real.filter(({ status }) => status === 'succeeded')
  return {
    slug,
    ended: real.length,
    succeeded: succeeded.length,
    usualMs: median(succeeded.map((state) => Date.parse(state.endedAt ?? '') - Date.parse(state.startedAt))),
    drills: drills.length,
    drillsPassed: drills.filter(({ status }) => status === 'succeeded' || status === 'rolled-back').length,
  }
}

function alertOf({ events }: UsedRun): string | undefined {
  const alert = events[0]?.data['alert']
  return isRecord(alert) ? asText(alert['name']) : undefined
}

/** The states of a step that has not begun. One that failed was an action too, and may have changed something. */
const notBegun: readonly (StepStatus | undefined)[] = [undefined, 'pending', 'waiting', 'skipped']

function hasActed({ plan, state }: UsedRun): boolean {
  return plan.steps.some(
    ({ id, effect }) => effect === 'write' && !notBegun.includes(state.steps.get(id)?.status),
  )
}

/** The usual one of some times; of two in the middle, what lies between them. */
export function median(values: readonly number[]): number | undefined {
  const order = values.toSorted((a, b) => a - b)
  const [low, high] = [order[Math.floor((order.length - 1) / 2)], order[Math.floor(order.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

function sorted<T>(groups: ReadonlyMap<string, T>): [string, T][] {
  return [...groups].toSorted(([a], [b]) => a.localeCompare(b))
}
