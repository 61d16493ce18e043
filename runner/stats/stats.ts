import type { Event } from '../journal/event.ts'
import type { RunState } from '../journal/fold.ts'
import { formatDuration, parseDuration } from '../model/duration.ts'
import { asText } from '../model/json.ts'
import type { Incident } from '../status/incident.ts'

const DAY_MS = 86_400_000

/** One figure, with the value it should have. Times in milliseconds; undefined when there is nothing to count. */
export interface Figure {
  name: string
  value: number | undefined
  unit: 'ms' | 'share' | 'per 14 days' | 'count'
  /** How many things it is made of. */
  of: number
  target?: string
  /** Whether it is as it should be; undefined without a target or a value. */
  good?: boolean
}

/**
 * A run as the figures need it.
 * @internal
 */
export interface CountedRun extends Pick<RunState, 'slug' | 'status' | 'startedAt' | 'endedAt' | 'inputs'> {
  /** When its rollback began. */
  rollbackAt?: string | undefined
}

interface StatsOptions {
  now: number
  days: number
}

const RELEASE = 'release-checklist'
const ROLLOUT = 'feature-flag-rollout'
const RETIRE = 'feature-flag-retire'

/**
 * The figures of the last days. Drills and what ran in a lab are counted apart, by `isDrill`.
 * @internal
 */
export function figures(
  runs: readonly CountedRun[],
  incidents: readonly Incident[],
  { now, days }: StatsOptions,
): Figure[] {
  const since = now - days * DAY_MS
  const recent = runs.filter((run) => Date.parse(run.startedAt) >= since)
  const releases = recent.filter(({ slug, endedAt }) => slug === RELEASE && endedAt !== undefined)
  const good = releases.filter(({ status }) => status === 'succeeded')
  const closed = incidents.filter(
    (one) =>
      !one.drill &&
      one.impact !== 'maintenance' &&
      one.resolvedAt !== undefined &&
      Date.parse(one.startedAt) >= since,
  )
  const severities = [...new Set(closed.map(({ severity }) => severity ?? 'none'))].toSorted()
  return [
    figure(
      'Releases',
      // Where nothing was ever released with it, the page says nothing about how often.
      runs.some(({ slug }) => slug === RELEASE) ? (good.length / days) * 14 : undefined,
      'per 14 days',
      good.length,
      'at least 1',
      (value) => value >= 1,
    ),
    figure(
      'Releases that succeeded',
      mean(releases.map(({ status }) => Number(status === 'succeeded'))),
      'share',
      releases.length,
      'above 95 %',
      (value) => value > 0.95,
    ),
    ...severities.map((severity) =>
      restoreTime(
        severity,
        closed.filter((one) => (one.severity ?? 'none') === severity),
      ),
    ),
    figure(
      'Time of a rollback',
      mean(recent.flatMap(rollbackTime)),
      'ms',
      recent.flatMap(rollbackTime).length,
    ),
    figure(
      'Life of a flag',
      mean(flagLives(runs)),
      'ms',
      flagLives(runs).length,
      'below 60 days',
      (value) => value < 60 * DAY_MS,
    ),
  ]
}

function figure(
  name: string,
  value: number | undefined,
  unit: Figure['unit'],
  of: number,
  target?: string,
  holds?: (value: number) => boolean,
): Figure {
  const judged = value === undefined || holds === undefined ? {} : { good: holds(value) }
  return { name, value, unit, of, ...(target !== undefined && { target }), ...judged }
}

function restoreTime(severity: string, incidents: readonly Incident[]): Figure {
  const times = incidents.map(
    ({ startedAt, resolvedAt }) => Date.parse(resolvedAt ?? '') - Date.parse(startedAt),
  )
  const limit = severity === 'P1' ? parseDuration('2h') : undefined
  const name = `Time to restore, ${severity}`
  if (limit === undefined) return figure(name, mean(times), 'ms', times.length)
  return figure(name, mean(times), 'ms', times.length, 'below 2h', (value) => value < limit)
}

function rollbackTime(run: CountedRun): number[] {
  if (run.status !== 'rolled-back' || run.endedAt === undefined || run.rollbackAt === undefined) return []
  return [Date.parse(run.endedAt) - Date.parse(run.rollbackAt)]
}

/** From the first stage of a flag's rollout to its retirement. */
function flagLives(runs: readonly CountedRun[]): number[] {
  const done = (slug: string): CountedRun[] =>
    runs.filter((run) => run.slug === slug && run.status === 'succeeded')
  return done(RETIRE).flatMap((retired) => {
    const rollouts = done(ROLLOUT).filter(
      ({ inputs, startedAt }) => inputs['flag'] === retired.inputs['flag'] && startedAt < retired.startedAt,
    )
    const first = rollouts.map(({ startedAt }) => Date.parse(startedAt)).toSorted((a, b) => a - b)[0]
    return first === undefined || retired.endedAt === undefined ? [] : [Date.parse(retired.endedAt) - first]
  })
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * A run on a lab, or one that says it is a practice.
 * @internal
 */
export function isDrill({ inputs, practice }: Pick<RunState, 'inputs' | 'practice'>): boolean {
  if (practice) return true
  const local = ['lab', 'site', 'metrics'].some((name) =>
    /^https?:\/\/(127\.|localhost)/.test(asText(inputs[name])),
  )
  return local || asText(inputs['drill']) === 'true' || inputs['environment'] === 'lab'
}

/** The figures of a list of runs: real work, and practice apart. */
export function statistics(
  found: readonly { state: RunState; events: readonly Event[] }[],
  incidents: readonly Incident[],
  options: StatsOptions,
): { real: Figure[]; drills: Figure[] } {
  const counted = found.map(({ state, events }) => ({
    ...state,
    rollbackAt: events.find(({ type }) => type === 'rollback-started')?.ts,
  }))
  const drills = counted.filter(isDrill)
  return {
    real: figures(
      counted.filter((run) => !isDrill(run)),
      incidents,
      options,
    ),
    drills: figures(drills, [], options).filter(({ of }) => of > 0),
  }
}

/** A figure as people read it. */
export function figureText({ value, unit }: Figure): string {
  if (value === undefined) return 'nothing to count'
  if (unit === 'ms') return formatDuration(value)
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`
  return `${Number(value.toFixed(2))} ${unit === 'count' ? '' : unit}`.trim()
}
