import type { RunState } from '../journal/fold.ts'
import { isDrill } from '../stats/run-stats.ts'
import { resultOf } from './conventions.ts'

/** A run as the metrics need it. */
export type MeasuredRun = Pick<RunState, 'slug' | 'status' | 'startedAt' | 'endedAt' | 'inputs' | 'practice'>

/** Upper bounds of the buckets of durations, in seconds: ten seconds to four hours. */
const bounds = [10, 60, 300, 900, 1800, 3600, 14_400]

/** The media type of the text, as a scrape asks for it. */
export const mediaType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/**
 * The runs of a state folder as OpenMetrics text, for a scrape or a file of node_exporter. Drills have a label of their
 * own. No label has a run or a person, so the number of series grows with the runbooks alone.
 */
export function openMetrics(runs: readonly MeasuredRun[]): string {
  const ended = runs.flatMap((run) => (run.endedAt === undefined ? [] : [{ ...run, endedAt: run.endedAt }]))
  const open = runs.filter(({ endedAt }) => endedAt === undefined)
  const byResult = Map.groupBy(ended, (run) =>
    labels({
      runbook: run.slug,
      result: resultOf(run.status) ?? 'error',
      practice: String(isDrill(run)),
    }),
  )
  const successes = ended.filter((run) => run.status === 'succeeded' && !isDrill(run))
  return [
    ...family('runbook_runs', 'counter', 'Runs that have ended.'),
    ...[...byResult].map(([set, all]) => `runbook_runs_total{${set}} ${all.length}`),
    ...family(
      'runbook_run_duration_seconds',
      'histogram',
      'Time from the start of a run to its end.',
      'seconds',
    ),
    ...[...byResult].flatMap(([set, all]) =>
      histogram('runbook_run_duration_seconds', set, all.map(seconds)),
    ),
    ...family(
      'runbook_last_success_timestamp_seconds',
      'gauge',
      'The end of the last run of a runbook that succeeded.',
      'seconds',
    ),
    ...[...Map.groupBy(successes, ({ slug }) => slug)].map(
      ([slug, all]) =>
        `runbook_last_success_timestamp_seconds{${labels({ runbook: slug })}} ${Math.max(...all.map(({ endedAt }) => Date.parse(endedAt) / 1000))}`,
    ),
    ...family('runbook_open_runs', 'gauge', 'Runs that have not ended, by their state.'),
    ...[...Map.groupBy(open, ({ slug, status }) => labels({ runbook: slug, state: status }))].map(
      ([set, all]) => `runbook_open_runs{${set}} ${all.length}`,
    ),
    '# EOF',
    '',
  ].join('\n')
}

function seconds({ startedAt, endedAt = startedAt }: MeasuredRun): number {
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000
}

function family(name: string, type: string, help: string, unit?: string): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
  ]
}

function histogram(name: string, set: string, values: readonly number[]): string[] {
  return [
    ...bounds.map(
      (bound) =>
        `${name}_bucket{${set},le="${bound.toFixed(1)}"} ${values.filter((one) => one <= bound).length}`,
    ),
    `${name}_bucket{${set},le="+Inf"} ${values.length}`,
    `${name}_count{${set}} ${values.length}`,
    `${name}_sum{${set}} ${values.reduce((sum, one) => sum + one, 0)}`,
  ]
}

function labels(named: Record<string, string>): string {
  return Object.entries(named)
    .map(
      ([name, value]) =>
        `${name}="${value.replaceAll(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`,
    )
    .join(',')
}
