import type { Event } from '../journal/record/event.ts'
import type { RunState } from '../journal/fold.ts'
import { tell } from '../journal/story/story.ts'
import type { StoryHead } from '../journal/story/story.ts'
import { formatDuration, parseDuration } from '../model/values/duration.ts'
import { asText, isRecord } from '../model/values/json.ts'
import type { Meta } from '../model/meta.ts'
import type { Plan } from '../model/plan.ts'
import type { Incident } from '../status/incident-file.ts'

/** Milliseconds. */
export const DAY_MS = 86_400_000

type Role = NonNullable<Meta['counts']>

/** One figure, with the value it should have. Times in milliseconds; undefined when there is nothing to count. */
export interface Figure {
  name: string
  value: number | undefined
  unit: 'ms' | 'share' | 'per 14 days' | 'count'
  /** How many things it is made of. */
  of: number
  target?: string
  /** The value of the target, in the unit of the figure. */
  limit?: number
  /** Whether it is as it should be; undefined without a target or a value. */
  good?: boolean
}

/** A run as the figures need it. */
export interface CountedRun
  extends
    Pick<StoryHead, 'run' | 'status' | 'startedAt' | 'endedAt' | 'ms' | 'rollbackMs'>,
    Pick<RunState, 'inputs'> {
  /** Which figures it counts in, as its runbook said when it ran. */
  counts?: Role | undefined
  /** The run that included it. */
  parent?: string | undefined
}

export interface StatsOptions {
  now: number
  days: number
}

/**
 * The figures of the last days. Drills and what ran in a lab are counted apart, by `isDrill`.
 */
export function figures(
  runs: readonly CountedRun[],
  incidents: readonly Incident[],
  { now, days }: StatsOptions,
): Figure[] {
  const since = now - days * DAY_MS
  const recent = runs.filter((run) => Date.parse(run.startedAt) >= since)
  const releases = recent.filter((run) => isOwn(run, 'release', runs) && run.endedAt !== undefined)
  const good = releases.filter(({ status }) => status === 'succeeded')
  const closed = incidents.filter(
    (one) =>
      !one.drill &&
      one.impact !== 'maintenance' &&
      one.resolvedAt !== undefined &&
      Date.parse(one.startedAt) >= since,
  )
  const rollbacks = recent.flatMap((run) => rollbackTime(run, runs))
  const lives = flagLives(runs, since)
  const severities = [...new Set(closed.map(({ severity }) => severity ?? 'none'))].toSorted()
  return [
    figure(
      'Releases',
      // Where nothing was ever released with it, the page says nothing about how often.
      runs.some(({ counts }) => counts === 'release') ? (good.length / days) * 14 : undefined,
      'per 14 days',
      good.length,
      { text: 'at least 1', side: 'at least', limit: 1 },
    ),
    figure(
      'Releases that succeeded',
      mean(releases.map(({ status }) => Number(status === 'succeeded'))),
      'share',
      releases.length,
      { text: 'above 95 %', side: 'above', limit: 0.95 },
    ),
    ...severities.map((severity) =>
      restoreTime(
        severity,
        closed.filter((one) => (one.severity ?? 'none') === severity),
      ),
    ),
    figure('Time of a rollback', mean(rollbacks), 'ms', rollbacks.length),
    figure('Life of a flag', mean(lives), 'ms', lives.length, {
      text: 'below 60 days',
      side: 'below',
      limit: 60 * DAY_MS,
    }),
  ]
}

function figure(
  name: string,
  value: number | undefined,
  unit: Figure['unit'],
  of: number,
  target?: Target,
): Figure {
  if (target === undefined) return { name, value, unit, of }
  const aim = { target: target.text, limit: target.limit }
  return { name, value, unit, of, ...aim, ...(value !== undefined && { good: holds(value, target) }) }
}

interface Target {
  text: string
  side: 'at least' | 'above' | 'below'
  limit: number
}

function holds(value: number, { side, limit }: Target): boolean {
  return side === 'below' ? value < limit : side === 'above' ? value > limit : value >= limit
}

function restoreTime(severity: string, incidents: readonly Incident[]): Figure {
  const times = incidents.map(
    ({ startedAt, resolvedAt }) => Date.parse(resolvedAt ?? '') - Date.parse(startedAt),
  )
  const limit = severity === 'P1' ? parseDuration('2h') : undefined
  const name = `Time to restore, ${severity}`
  if (limit === undefined) return figure(name, mean(times), 'ms', times.length)
  return figure(name, mean(times), 'ms', times.length, { text: 'below 2h', side: 'below', limit })
}

/** Whether a run counts in a figure. One that a run of the same figure included is part of it. */
function isOwn({ counts, parent }: CountedRun, role: Role, runs: readonly CountedRun[]): boolean {
  return counts === role && !runs.some(({ run, counts: outer }) => run === parent && outer === role)
}

/** Of a run that went back, from where it turned; of one of a rollback runbook, the whole of it. */
function rollbackTime(run: CountedRun, runs: readonly CountedRun[]): number[] {
  if (run.status === 'rolled-back') return run.rollbackMs === undefined ? [] : [run.rollbackMs]
  if (run.status !== 'succeeded' || run.ms === undefined) return []
  return isOwn(run, 'rollback', runs) ? [run.ms] : []
}

/** From the first stage of a flag's rollout to its retirement, of the flags that were retired since then. */
function flagLives(runs: readonly CountedRun[], since: number): number[] {
  const done = (role: Role): CountedRun[] =>
    runs.filter(({ counts, status }) => counts === role && status === 'succeeded')
  return done('flag-retirement').flatMap((retired) => {
    const rollouts = done('flag-rollout').filter(
      ({ inputs, startedAt }) => inputs['flag'] === retired.inputs['flag'] && startedAt < retired.startedAt,
    )
    const first = rollouts.map(({ startedAt }) => Date.parse(startedAt)).toSorted((a, b) => a - b)[0]
    if (first === undefined || retired.endedAt === undefined || Date.parse(retired.endedAt) < since) return []
    return [Date.parse(retired.endedAt) - first]
  })
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A run on a lab, or one that says it is a practice. */
export function isDrill({ inputs, practice }: Pick<RunState, 'inputs'> & { practice?: boolean }): boolean {
  if (practice) return true
  const local = ['lab', 'site', 'metrics'].some((name) =>
    /^https?:\/\/(127\.|localhost)/.test(asText(inputs[name])),
  )
  return local || asText(inputs['drill']) === 'true' || inputs['environment'] === 'lab'
}

/** A run with its plan, as its journal holds it. */
export interface ToldRun {
  plan: Plan
  state: RunState
  events: readonly Event[]
}

/** The figures of a list of runs: real work, and practice apart. */
export function statistics(
  runs: readonly ToldRun[],
  incidents: readonly Incident[],
  options: StatsOptions,
): { real: Figure[]; drills: Figure[] } {
  const counted = runs.map(countedRun)
  const [drills, work] = [counted.filter(isDrill), counted.filter((run) => !isDrill(run))]
  return {
    real: figures(work, incidents, options),
    drills: figures(drills, [], options).filter(({ of }) => of > 0),
  }
}

/** A stored run as the figures need it. */
export function countedRun({ plan, state, events }: ToldRun): CountedRun & { practice: boolean } {
  const { head } = tell(events, plan, state)
  const { parent } = events[0]?.data ?? {}
  return {
    ...head,
    inputs: state.inputs,
    counts: plan.counts,
    parent: isRecord(parent) ? asText(parent['run']) : undefined,
  }
}

/** A figure as people read it. */
export function figureText({ value, unit }: Figure): string {
  if (value === undefined) return 'nothing to count'
  if (unit === 'ms') return formatDuration(value)
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`
  return `${Number(value.toFixed(2))} ${unit === 'count' ? '' : unit}`.trim()
}
