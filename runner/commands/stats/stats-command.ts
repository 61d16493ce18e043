import { dirname, join, resolve } from 'node:path'
import { listRuns, readRun } from '../../journal/record/run-store.ts'
import { figureText, statistics } from '../../stats/run-stats.ts'
import type { Figure } from '../../stats/run-stats.ts'
import { usage } from '../../stats/usage.ts'
import { formatDuration } from '../../model/values/duration.ts'
import { readIncidents } from '../../status/read-incidents.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { openMetrics } from '../../telemetry/open-metrics.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { replaceFile } from '../../write-whole.ts'

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { days, format, output } = options
  refuseWithText(options, io)
  const unreadable: string[] = []
  const runs = listRuns(config.state).flatMap((id) => {
    try {
      return [readRun(config.state, id)]
    } catch {
      unreadable.push(id)
      return []
    }
  })
  const skipped = (): void => {
    if (unreadable.length > 0) io.note(`not counted, their journals cannot be read: ${unreadable.join(', ')}`)
  }
  if (format === 'openmetrics') {
    const text = openMetrics(runs.map(({ state }) => state))
    if (output === undefined) io.out(text.trimEnd())
    else replaceFile(resolve(io.cwd, output), text)
    skipped()
    return exit.done
  }
  const folder = resolve(io.cwd, io.env['STATUS_DIR'] || join(dirname(config.content), 'status'))
  const figures = statistics(runs, readIncidents(folder), { now: Date.now(), days })
  const used = usage(runs, { now: Date.now(), days })
  if (io.json) io.out(JSON.stringify({ days, ...figures, ...used, unreadable }, undefined, 2))
  else
    for (const line of [
      ...lines(`The last ${days} days`, figures.real),
      ...lines('Practice', figures.drills),
      ...usageLines(used),
    ])
      io.out(line)
  skipped()
  return exit.done
}

function usageLines({ runbooks, alerts }: ReturnType<typeof usage>): string[] {
  const timeOf = (ms: number | undefined): string =>
    ms === undefined ? '' : `, usually ${formatDuration(ms)}`
  return [
    ...(runbooks.length === 0 ? [] : ['Runbooks']),
    ...runbooks.map(
      ({ slug, ended, succeeded, usualMs, drills, drillsPassed }) =>
        `  ${slug.padEnd(26)} ${succeeded} of ${ended} succeeded${timeOf(usualMs)}, ${drillsPassed} of ${drills} drills`,
    ),
    ...(alerts.length === 0 ? [] : ['Alerts']),
    ...alerts.map(
      ({ alert, runs, withoutAction }) =>
        `  ${alert.padEnd(26)} ${runs} runs, ${withoutAction} without action`,
    ),
  ]
}

function refuseWithText({ format, output }: Request['options'], io: Io): void {
  if (format === 'text' && output !== undefined)
    throw new CliError(exit.usage, '`--output` is for --format openmetrics', 'Redirect the text with `>`.')
  if (format === 'openmetrics' && io.json)
    throw new CliError(exit.usage, '`--json` does not go with --format openmetrics', 'Leave one of them out.')
}

function lines(title: string, figures: readonly Figure[]): string[] {
  if (figures.length === 0) return []
  const rows = figures.map((one) => {
    const verdict = one.good === undefined ? '' : one.good ? ' ✓' : ' ✕'
    const target = one.target === undefined ? '' : ` (${one.target}${verdict})`
    return `  ${one.name.padEnd(26)} ${figureText(one)}${target}, of ${one.of}`
  })
  return [title, ...rows]
}
