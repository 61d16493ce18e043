import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../runner/journal/record/event.ts'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { linePage } from '../support/storm.ts'
import { openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { startCounting, statementRate } from '../support/team-load.ts'
import { team, until } from '../support/team.ts'
import type { Team } from '../support/team.ts'
import { commandStep, page } from '../support/workspace.ts'
import { settle } from './settle.ts'
import type { Row } from './table.ts'

/** Runners of the bench: the first ships as `strict` says and the second as `later`; the others only take part in the load. */
const names = Array.from({ length: 8 }, (_, at) => `r${at}`)
const [strict = '', later = ''] = names
const orders = 40
const load = 80
const steps = Array.from({ length: 30 }, (_, at) => `s${at}`)
/** After this time without work a runner has closed DBOS, in milliseconds. */
const restMs = 40_000

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
const sort = (times: readonly number[]): number[] => times.toSorted((a, b) => a - b)

/** What a team costs beside one machine: orders, steps, keys and the load on the database. */
export async function teamWork(packaged: string): Promise<Row[]> {
  process.env['TEAM_PROGRAM'] = packaged
  const database = await startCounting(names)
  await using space = team(database, names, {
    'content/runbooks/one.mdx': page(
      commandStep('a', 'true'),
      'inputs: { n: { type: string } }\nconcurrency: "one-${{ inputs.n }}"\n',
    ),
    'content/runbooks/many.mdx': page(steps.map((id) => commandStep(id, 'true')).join('\n')),
    'content/runbooks/held.mdx': linePage(['a']),
  })
  // Each process has the policy of its environment.
  space.write(
    'runbook.config.ts',
    "export default { team: { database: 'env:TEAM_DATABASE', runs: 8, ships: process.env.SHIPS ?? 'strict' } }\n",
  )
  const desk = await openDesk(space)
  await settle()
  try {
    for (const name of [strict, later]) {
      process.env['SHIPS'] = name === later ? 'later' : 'strict'
      await started(space, [name])
    }
    return [
      ...(await firstSteps(database, space, desk)),
      ...(await perStep(database, space, desk)),
      await handOver(database, desk),
      ...(await throughput(database, space, desk)),
      await idle(database),
    ]
  } finally {
    delete process.env['SHIPS']
    await desk.close()
    await space.still()
    await database.stop()
  }
}

async function started(space: Team, all: readonly string[]): Promise<void> {
  const runners = all.map((name) => space.start(name))
  for (const one of runners) await until(() => one.said().includes('takes orders'), one.said)
}

async function ended(database: Postgres, runs: readonly string[]): Promise<void> {
  await until(
    async () => {
      const open = await database.query("select from runbook.run where run = any($1) and state <> 'ended'", [
        runs,
      ])
      return open.length === 0
    },
    () => 'orders are left',
    600_000,
  )
}

function eventsOf(space: Team, machine: string, run: string): Event[] {
  const file = join(runFolder(join(space.root, 'machines', machine), run), files.journal)
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
}

const one = (n: number, wants = ''): Parameters<Desk['order']>[1] => ({
  inputs: { n: String(n) },
  key: `one-${n}`,
  wants,
})

/** From an order in the database to the intent of the first step on the disk of the runner that took it. */
async function firstSteps(database: Postgres, space: Team, desk: Desk): Promise<Row[]> {
  const times: number[] = []
  for (let n = 0; n < orders; n++) {
    const run = await desk.order('one', one(n, strict))
    await ended(database, [run])
    const [row] = await database.query<{ ordered_at: Date }>(
      'select ordered_at from runbook.run where run = $1',
      [run],
    )
    const start = eventsOf(space, strict, run).find(({ type }) => type === 'step-started')
    times.push(Date.parse(start?.ts ?? '') - (row?.ordered_at.getTime() ?? Number.NaN))
  }
  const sorted = sort(times)
  return [
    {
      what: `an order to its first step, 95 of 100`,
      figure: at(sorted, 0.95),
      against: 'its budget',
      reference: 500,
      budget: 1,
    },
    { what: 'the same, median', figure: at(sorted, 0.5), against: '95 of 100', reference: at(sorted, 0.95) },
  ]
}

/** Steps that do nothing, on one machine alone and in the team under both policies. */
async function perStep(database: Postgres, space: Team, desk: Desk): Promise<Row[]> {
  const alone: number[] = []
  const inTeam: Record<string, number[]> = { [strict]: [], [later]: [] }
  for (let round = 0; round < 5; round++) {
    const ran = await space.on(names[2] ?? '', ['exec', 'many', '--yes', '--offline', '--json'])
    if (ran.code !== 0) throw new Error(ran.stderr)
    const id = /"run":"([^"]+)"/.exec(ran.stdout)?.[1] ?? ''
    alone.push(stepTime(eventsOf(space, names[2] ?? '', id)))
    for (const wants of [strict, later]) {
      const run = await desk.order('many', { wants })
      await ended(database, [run])
      inTeam[wants]?.push(stepTime(eventsOf(space, wants, run)))
    }
  }
  const reference = at(sort(alone), 0.5)
  const row = (what: string, wants: string): Row => ({
    what,
    figure: at(sort(inTeam[wants] ?? []), 0.5),
    against: 'the same on one machine alone',
    reference,
  })
  return [row('a step that does nothing, `later`', later), row('a step that does nothing, `strict`', strict)]
}

/** Mean time from the end of one step to that of the next, in milliseconds: events tell whole ones. */
function stepTime(events: readonly Event[]): number {
  const ends = events.filter(({ type }) => type === 'step-finished').map(({ ts }) => Date.parse(ts))
  return ((ends.at(-1) ?? Number.NaN) - (ends[0] ?? Number.NaN)) / (ends.length - 1)
}

/** From the end of a run to the first event of the next one that waited for its key, on any machine. */
async function handOver(database: Postgres, desk: Desk): Promise<Row> {
  const runs: string[] = []
  for (let n = 0; n < 20; n++) runs.push(await desk.order('held'))
  await ended(database, runs)
  const rows = await database.query<{ first: string; last: string }>(
    `select min(line::json ->> 'ts') as first, max(line::json ->> 'ts') as last from runbook.event
     where run = any($1) group by run order by 1`,
    [runs],
  )
  const times = rows
    .slice(1)
    .map(({ first }, index) => Date.parse(first) - Date.parse(rows[index]?.last ?? ''))
  const whole = rows.map(({ first, last }) => Date.parse(last) - Date.parse(first))
  return {
    what: 'a key from one run to the next that waits for it',
    figure: at(sort(times), 0.5),
    against: 'such a run of one step',
    reference: at(sort(whole), 0.5),
  }
}

/** Orders of different keys that are all there at once. */
async function throughput(database: Postgres, space: Team, desk: Desk): Promise<Row[]> {
  const rate = async (from: number): Promise<number> => {
    const began = performance.now()
    const runs: string[] = []
    for (let n = from; n < from + load; n++) runs.push(await desk.order('one', one(n)))
    await ended(database, runs)
    return (load * 1000) / (performance.now() - began)
  }
  const two = await rate(1000)
  await started(space, names.slice(2))
  const eight = await rate(2000)
  return [
    {
      what: 'runs of one step with 8 runners on this machine',
      unit: 'runs/s',
      figure: eight,
      against: 'with 2 runners',
      reference: two,
    },
  ]
}

async function idle(database: Postgres): Promise<Row> {
  await settle()
  await new Promise((resolve) => setTimeout(resolve, restMs))
  return {
    what: 'statements of a runner that waits for orders',
    unit: 'queries/s',
    figure: (await statementRate(database, 30_000)) / names.length,
    against: 'its budget',
    reference: 1,
    budget: 1,
  }
}
