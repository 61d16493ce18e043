import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { hasRunner } from '../../../engine/lock.ts'
import { always } from '../../../http/request-rules.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import { runIds } from '../../../pages/readable-run.ts'
import { compareText } from '../../../model/compare-text.ts'
import { version } from '../../../kit/version.ts'
import { admitBearer } from './bearer.ts'
import type { Hub } from './hub.ts'
import { hubRoutes } from './routes.ts'

/** Adds the figures of a hub in the text format of OpenMetrics, for a token that may read every runbook. */
export function addMetrics(app: Hono<{ Bindings: HttpBindings }>, hub: Hub): void {
  app.get(hub.base + hubRoutes.metrics.path, async (context) => {
    const bearer = await admitBearer(hub, context, hubRoutes.metrics, 'metrics')
    if (bearer instanceof Response) return bearer
    const { store, config } = hub
    const sessions = (await store.list('session')).length
    const tokens = (await store.list('token')).length
    const counts = new Map<string, number>()
    for (const id of runIds(config.state)) {
      const status = statusOf(config.state, id)
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
    const lines = [
      '# TYPE runbook_hub info',
      '# HELP runbook_hub The hub and its version.',
      `runbook_hub_info{version="${version}"} 1`,
      '# TYPE runbook_hub_sessions gauge',
      '# HELP runbook_hub_sessions Sessions of people.',
      `runbook_hub_sessions ${sessions}`,
      '# TYPE runbook_hub_tokens gauge',
      '# HELP runbook_hub_tokens Tokens of programs and agents.',
      `runbook_hub_tokens ${tokens}`,
      '# TYPE runbook_runs gauge',
      '# HELP runbook_runs Runs by their state; `running` has a process.',
      ...[...counts]
        .toSorted(([a], [b]) => compareText(a, b))
        .map(([status, count]) => `runbook_runs{state="${status}"} ${count}`),
      '# EOF',
    ]
    return context.body(`${lines.join('\n')}\n`, 200, {
      ...always,
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    })
  })
}

function statusOf(state: string, id: string): string {
  try {
    const { plan, state: folded } = readRun(state, id)
    const isRunning = folded.endedAt === undefined && hasRunner(state, plan.concurrency, id)
    return isRunning ? 'running' : folded.status
  } catch {
    return 'unreadable'
  }
}
