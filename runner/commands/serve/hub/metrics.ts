import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { hasRunner } from '../../../engine/lock.ts'
import { always } from '../../../http/request-rules.ts'
import { readRun } from '../../../journal/record/run-store.ts'
import { runIds } from '../../../pages/readable-run.ts'
import { compareText } from '../../../model/compare-text.ts'
import { version } from '../../../kit/version.ts'
import type { TeamDesk, TeamRunner } from '../../../team/port.ts'
import { admitBearer } from './bearer.ts'
import type { Hub } from './hub.ts'
import { hubRoutes } from './routes.ts'

/** Adds the figures of a hub in the text format of OpenMetrics, for a token that may read every runbook. */
export function addMetrics(
  app: Hono<{ Bindings: HttpBindings }>,
  hub: Hub,
  team: Pick<TeamDesk, 'figures' | 'runners'> | undefined,
): void {
  app.get(hub.base + hubRoutes.metrics.path, async (context) => {
    const bearer = await admitBearer(hub, context, hubRoutes.metrics, 'metrics')
    if (bearer instanceof Response) return bearer
    const { store, config } = hub
    const lines = [
      '# TYPE runbook_hub info',
      '# HELP runbook_hub The hub and its version.',
      `runbook_hub_info{version="${version}"} 1`,
      ...gauge('hub_sessions', 'Sessions of people.', [['', (await store.list('session')).length]]),
      ...gauge('hub_tokens', 'Tokens of programs and agents.', [['', (await store.list('token')).length]]),
      ...(team ? await teamLines(team) : gauge('runs', runsHelp, countsHere(config.state))),
      '# EOF',
    ]
    return context.body(`${lines.join('\n')}\n`, 200, {
      ...always,
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    })
  })
}

type Sample = [labels: string, value: number]

const runsHelp = 'Runs by their state; `running` has a process.'

function gauge(name: string, help: string, samples: readonly Sample[]): string[] {
  return [
    `# TYPE runbook_${name} gauge`,
    `# HELP runbook_${name} ${help}`,
    ...samples.map(([labels, value]) => `runbook_${name}${labels === '' ? '' : `{${labels}}`} ${value}`),
  ]
}

/** A label; the text of a runner is escaped. */
function label(name: string, value: string): string {
  return `${name}="${value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)}"`
}

/** The runs of this machine by state. */
function countsHere(state: string): Sample[] {
  const counts = new Map<string, number>()
  for (const id of runIds(state)) {
    const status = statusOf(state, id)
    counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([status, count]) => [label('state', status), count])
}

async function teamLines(team: Pick<TeamDesk, 'figures' | 'runners'>): Promise<string[]> {
  const [{ runs, queueSeconds, waiting, orphans, answers }, runners] = await Promise.all([
    team.figures(),
    team.runners(),
  ])
  const byName = (value: (one: TeamRunner) => number): Sample[] =>
    runners.map((one) => [label('runner', one.name), value(one)])
  return [
    ...gauge(
      'team_runs',
      'Runs of the team by where they are, and by what their runner says of them.',
      runs.map(({ state, status, count }) => [`${label('state', state)},${label('status', status)}`, count]),
    ),
    ...gauge('team_queue_seconds', 'How long the oldest order that may be taken waits.', [
      ['', queueSeconds],
    ]),
    ...gauge('team_waiting_runs', 'Runs that wait for a person.', [['', waiting]]),
    ...gauge('team_orphaned_runs', 'Runs whose runner was not seen in the last minute.', [['', orphans]]),
    ...gauge('team_open_answers', 'Answers that no runner has taken.', [['', answers]]),
    ...gauge(
      'team_runner_up',
      'Whether a runner was seen in the last minute.',
      byName(({ alive }) => Number(alive)),
    ),
    ...gauge(
      'team_runner_runs',
      'Runs that a runner owns.',
      byName(({ owns }) => owns),
    ),
    ...gauge(
      'team_runner_places',
      'Runs that a runner drives at once, at most.',
      byName(({ runs: places }) => places),
    ),
  ]
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
