import { listStoredAlerts } from '../../../runner/alerts/alert-store.ts'
import { evidenceOf } from '../../../runner/stats/run-evidence.ts'
import { DAY_MS, isDrill } from '../../../runner/stats/run-stats.ts'
import type { StatsOptions } from '../../../runner/stats/run-stats.ts'
import { usage } from '../../../runner/stats/usage.ts'
import type { AlertUsage, RunbookUsage } from '../../../runner/stats/usage.ts'
import type { Alert } from '../runbooks/linked-alerts.ts'
import { inOrder } from '../in-order.ts'
import { isDev } from '../remember.ts'
import type { ReadableRun } from './recorded-runs.ts'

/** How a runbook was used, and where its time goes. */
export interface RunbookFigures extends RunbookUsage {
  title: string
  /** The steps that usually take longest, in milliseconds, the slowest first. */
  slowest: { step: string; usualMs: number }[]
}

/** The fate of an alert. */
export interface AlertFigures extends AlertUsage {
  /** The runbook that it leads to; undefined when none names it any more. */
  leadsTo: Alert | undefined
  /** Alerts of that name that the webhook received. */
  received: number
}

/** Steps that are named as slow. */
const slowCount = 2

/** Use of each runbook that ran in the last days, the most used first. */
export function runbookFigures(runs: readonly ReadableRun[], options: StatsOptions): RunbookFigures[] {
  const since = options.now - options.days * DAY_MS
  return usage(runs, options)
    .runbooks.map((used) => {
      const own = runs.filter(({ state }) => state.slug === used.slug)
      // As the other figures: of the last days, and of real work.
      const counted = own.filter(({ state }) => Date.parse(state.startedAt) >= since && !isDrill(state))
      const slowest = [...evidenceOf(counted).steps]
        .flatMap(([step, { usualMs }]) => (usualMs === undefined ? [] : [{ step, usualMs }]))
        .toSorted((a, b) => b.usualMs - a.usualMs)
      return { ...used, title: own[0]?.state.title ?? used.slug, slowest: slowest.slice(0, slowCount) }
    })
    .toSorted((a, b) => b.ended + b.drills - a.ended - a.drills)
}

/** The fate of each alert in the last days, by name. @param state folder of the runs */
export function alertFigures(
  runs: readonly ReadableRun[],
  alerts: readonly Alert[],
  state: string,
  options: StatsOptions,
): AlertFigures[] {
  const used = new Map(usage(runs, options).alerts.map((one) => [one.alert, one]))
  const since = new Date(options.now - options.days * DAY_MS).toISOString()
  // Every account of this machine can reach the port of `site dev`; what was received is for the owner of the state.
  const stored = isDev() ? [] : listStoredAlerts(state).filter(({ firstAt }) => firstAt >= since)
  const received = Map.groupBy(stored, ({ alert }) => alert.labels['alertname'] ?? '')
  const names = new Set([...alerts.map(({ name }) => name), ...used.keys()])
  return [...names].toSorted(inOrder).map((alert) => ({
    ...(used.get(alert) ?? { alert, runs: 0, withoutAction: 0 }),
    leadsTo: alerts.find(({ name }) => name === alert),
    received: received.get(alert)?.length ?? 0,
  }))
}
