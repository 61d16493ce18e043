import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { cases } from '../support/effort.ts'
import { breaches, childrenOf, linePage, lineStep } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { commandStep, page } from '../support/workspace.ts'

let database: Postgres
let space: Team
const approval =
  '<Approval id="go" title="Go?" approvers="alice@example.com, bob@example.com, carol@example.com" />\n'
const declared = 'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n'
const pages: Record<string, string> = {
  quick: linePage(['a', 'b']),
  slow: linePage(['a', 'b'], 'concurrency: slow\n').replaceAll(
    'sleep 0.05',
    'echo "$RUNBOOK_RUN_ID $PWD" >> "$EFFECTS.places"; sleep 3',
  ),
  approved: page(`${approval}${lineStep('a')}`, declared),
  outer: page('<Include id="inner" title="Inner" runbook="quick" />\n', declared),
  hand: page(
    commandStep('a', 'while [ ! -e "$RUNBOOK_STATE/go" ]; do sleep 0.05; done'),
    'concurrency: slow\n',
  ),
}

beforeAll(async () => {
  database = await startPostgres(['a', 'b'])
  const documents = Object.entries(pages).map(([name, text]) => [`content/runbooks/${name}.mdx`, text])
  space = team(database, ['a', 'b'], Object.fromEntries(documents) as Record<string, string>)
})
// No test leaves a runner, an order or a database that is down to the next.
afterEach(async () => {
  await space.still()
  await database.start()
  space.write('runbook.config.ts', configOf('strict'))
  await database.query("update runbook.run set state = 'expired' where state <> 'ended'")
})
afterAll(async () => {
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

const configOf = (ships: string): string =>
  `export default { team: { database: 'env:TEAM_DATABASE', ships: '${ships}' } }\n`

async function started(...names: string[]): Promise<Runner[]> {
  const runners = names.map((name) => space.start(name))
  for (const one of runners) await until(() => one.said().includes('takes orders'), one.said)
  return runners
}

async function ordered(args: readonly string[], who = 'alice@example.com'): Promise<string> {
  const { code, stdout, stderr } = await space.call(['order', ...args, '--json'], who)
  expect(code, stderr).toBe(0)
  return (JSON.parse(stdout) as { run: string }).run
}

async function rowOf(run: string) {
  const [row] = await database.query<{
    state: string
    runner: string
    epoch: number
    size: number
    waiting: string
    status: string
    declined: object
  }>('select state, runner, epoch, size, waiting, status, declined from runbook.run where run = $1', [run])
  return row
}

const ended = (run: string, of: Runner[]) =>
  until(
    async () => (await rowOf(run))?.state === 'ended',
    () => of.map((one) => one.said()).join('\n'),
  )

test('the requester is the actor, may not approve, and another person approves from anywhere', async () => {
  const runners = await started('a')
  const run = await ordered(['approved'])
  await until(
    async () => (await rowOf(run))?.waiting !== '',
    () => runners[0]?.said() ?? '',
  )
  const own = await space.call(['approve', run, 'go', '--team', '--yes'])
  expect(own.code).toBe(4)
  const other = await space.call(['approve', run, 'go', '--team', '--yes'], 'bob@example.com')
  expect(other.code, other.stderr).toBe(0)
  await ended(run, runners)
  expect(space.effects()).toContain(`${run} a`)
  const verified = await space.call(['verify', run, '--team'], 'carol@example.com')
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  expect((await space.call(['log', run, '--team'])).stdout).toContain('alice@example.com')
  const [answer] = await database.query<{ taken_at: Date; refused: string | null }>(
    'select taken_at, refused from runbook.answer where run = $1',
    [run],
  )
  expect(answer?.refused).toBeNull()
})

test('an order that no runner has taken is withdrawn, and one that is taken, over or not there is refused', async () => {
  const run = await ordered(['quick', '--on', 'nobody-yet'])
  const plan = await space.call(['withdraw', run, '--dry-run'])
  expect([plan.code, plan.stdout]).toEqual([0, `would withdraw ${run}\n`])
  expect((await rowOf(run))?.state).toBe('queued')
  const done = await space.call(['withdraw', run, '--json'], 'bob@example.com')
  expect(done.code, done.stderr).toBe(0)
  expect(JSON.parse(done.stdout)).toEqual({ run, slug: 'quick', withdrawn: true })
  expect(await rowOf(run)).toMatchObject({ state: 'expired', status: 'withdrawn', runner: null })
  const again = await space.call(['withdraw', run])
  expect([again.code, again.stdout]).toEqual([1, ''])
  expect(again.stderr).toContain('nothing was changed')
  const runners = await started('a')
  const taken = await ordered(['quick'])
  await ended(taken, runners)
  expect((await space.call(['withdraw', taken])).code).toBe(1)
  expect((await space.call(['withdraw', 'no-such-run'])).code).toBe(2)
  expect(space.effects()).toEqual(expect.not.arrayContaining([expect.stringContaining(run)]))
})

test('a forged answer is refused, and whoever gave it can read why', async () => {
  const runners = await started('a')
  const run = await ordered(['approved'])
  await until(
    async () => (await rowOf(run))?.waiting !== '',
    () => runners[0]?.said() ?? '',
  )
  const port = await space.port('person')
  const topic = (await rowOf(run))?.waiting ?? ''
  const by = { id: 'bob@example.com', host: 'x', via: 'hub' }
  await port.answer(randomUUID(), run, topic, { decision: 'approved', reason: '', by })
  await until(
    async () => (await port.answers(run)).some(({ refused }) => refused !== null),
    () => runners[0]?.said() ?? '',
  )
  expect((await rowOf(run))?.state).toBe('owned')
  expect((await space.call(['approve', run, 'go', '--team', '--yes'], 'bob@example.com')).code).toBe(0)
  await ended(run, runners)
  await port.close()
})

test('a run on a dead machine is taken over by a signed act, its step in flight is unknown, it goes on in the checkout of its new machine, and the one that comes back lets go', async () => {
  const checkout = join(space.root, 'elsewhere')
  for (const path of ['content', 'runbook.config.ts', 'allowed_signers'])
    cpSync(join(space.root, path), join(checkout, path), { recursive: true })
  const [a] = (await started('a')) as [Runner]
  const b = space.start('b', checkout)
  await until(() => b.said().includes('takes orders'), b.said)
  const run = await ordered(['slow', '--on', 'a'])
  await until(() => existsSync(runFolder(a.state, run)) && childrenOf(a.child.pid ?? 0).length > 0, a.said)
  await until(async () => ((await rowOf(run))?.size ?? 0) > 2, a.said)
  // Alive: only with force.
  const early = await space.call(['takeover', run, '--to', 'b', '--reason', 'x'], 'carol@example.com')
  expect(early.code).toBe(2)
  expect(early.stderr).toContain('alive')
  process.kill(a.child.pid ?? 0, 'SIGSTOP')
  const forced = await space.call(
    ['takeover', run, '--to', 'b', '--reason', 'a is gone', '--force'],
    'carol@example.com',
  )
  expect(forced.code, forced.stderr).toBe(0)
  await ended(run, [a, b])
  process.kill(a.child.pid ?? 0, 'SIGCONT')
  await until(() => existsSync(join(runFolder(a.state, run), 'taken-over.json')), a.said)
  expect(space.effects().filter((line) => line.startsWith(run))).toEqual([`${run} a`, `${run} b`])
  const places = readFileSync(join(space.root, 'effects.places'), 'utf8').split('\n')
  const own = places.filter((line) => line.startsWith(run))
  expect([own[0], own.at(-1)]).toEqual([`${run} ${space.root}`, `${run} ${checkout}`])
  const verified = await space.on('b', ['verify', run, '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  expect(verified.stdout).toContain('each takeover')
  const events = readFileSync(join(runFolder(b.state, run), files.journal), 'utf8')
  expect(events).toContain('"takenOver"')
  expect(events).toContain('carol@example.com')
  // The key is free on the machine that came back.
  const again = await ordered(['quick', '--on', 'a'])
  await ended(again, [a, b])
  await a.kill()
  await b.kill()
})

test('an unsigned or forged order is not run, and the order says why on which runner', async () => {
  const runners = await started('a')
  const port = await space.port('person')
  const made = await space.call(['order', 'quick', '--dry-run'])
  const order = JSON.parse(made.stdout) as Parameters<typeof port.enqueue>[0]['order']
  const { statementOf } = await import('../../runner/team/statement.ts')
  for (const signature of ['', '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n']) {
    const run = order.run.replace(/....$/, signature === '' ? 'aaaa' : 'bbbb')
    const forged = { ...order, run }
    await port.enqueue({ order: forged, statement: statementOf(forged), signature })
    await until(
      async () => Object.keys((await rowOf(run))?.declined ?? {}).length > 0,
      () => runners[0]?.said() ?? '',
    )
    expect((await rowOf(run))?.state).toBe('queued')
    expect(space.effects().some((line) => line.startsWith(run))).toBe(false)
  }
  await port.close()
})

test('an order for a version that the checkout does not have is not run there', async () => {
  const runners = await started('a')
  space.write('content/runbooks/quick.mdx', linePage(['a', 'b', 'c']))
  const run = await ordered(['quick'])
  space.write('content/runbooks/quick.mdx', pages['quick'] ?? '')
  await until(
    async () =>
      Object.keys((await rowOf(run))?.declined ?? {}).length > 0 || (await rowOf(run))?.state === 'ended',
    () => runners[0]?.said() ?? '',
  )
  if ((await rowOf(run))?.state !== 'ended')
    expect(JSON.stringify((await rowOf(run))?.declined)).toContain('another version')
})

test('three deliveries of one alert are one order', async () => {
  const runners = await started('a')
  const alert = {
    version: '4',
    receiver: 'x',
    status: 'firing',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: '',
    groupKey: 'k',
    truncatedAlerts: 0,
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'Down', runbook: 'quick' },
        annotations: { runbook_url: 'https://runbooks.example.com/runbooks/quick/' },
        startsAt: '2026-11-30T01:02:03Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '3f2a3f2a3f2a3f2a',
      },
    ],
  }
  space.write('alert.json', JSON.stringify(alert))
  const sent = await Promise.all(
    [1, 2, 3].map((at) =>
      space.call(
        ['order', '--alert', 'alert.json', '--json'],
        at === 1 ? 'bob@example.com' : 'alice@example.com',
      ),
    ),
  )
  expect(
    sent.map(({ code }) => code),
    sent.map(({ stderr }) => stderr).join(),
  ).toEqual([0, 0, 0])
  const told = sent.map(({ stdout }) => JSON.parse(stdout) as { run: string; ordered: boolean })
  expect(new Set(told.map(({ run }) => run)).size).toBe(1)
  expect(told.filter((one) => one.ordered)).toHaveLength(1)
  await ended(told[0]?.run ?? '', runners)
})

test('a run by hand takes the key of the team, its journal is stored, and an order of that key waits for it', async () => {
  const runners = await started('b')
  const hand = space.on('a', ['exec', 'hand', '--yes', '--no-input'])
  await until(
    async () =>
      (await database.query("select from runbook.run where slug = 'hand' and state = 'owned'")).length > 0,
    () => 'no key',
  )
  const refused = await space.on('b', ['exec', 'hand', '--yes', '--no-input'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('held by run')
  const run = await ordered(['slow', '--on', 'b'])
  expect((await rowOf(run))?.state).toBe('queued')
  writeFileSync(join(space.root, 'machines/a/go'), '')
  expect((await hand).code, (await hand).stderr).toBe(0)
  await ended(run, runners)
  const [row] = await database.query<{ state: string; size: number }>(
    "select state, size from runbook.run where slug = 'hand'",
  )
  expect(row?.state).toBe('ended')
  expect(row?.size).toBeGreaterThan(3)
})

test('a run that is included is shipped too, and offline runs are handed in later', async () => {
  const runners = await started('a')
  const run = await ordered(['outer'])
  await ended(run, runners)
  const inner = await database.query<{ run: string; state: string }>(
    'select run, state from runbook.run where parent = $1',
    [run],
  )
  expect(inner.map(({ state }) => state)).toEqual(['ended'])
  const offline = await space.on(
    'a',
    ['exec', 'quick', '--yes', '--no-input', '--offline'],
    'alice@example.com',
    { TEAM_DATABASE: 'postgres://x@127.0.0.1:1/x' },
  )
  expect(offline.code, offline.stderr).toBe(0)
  const online = await space.on('a', ['exec', 'quick', '--yes', '--no-input'], 'alice@example.com', {
    TEAM_DATABASE: 'postgres://x@127.0.0.1:1/x',
  })
  expect(online.code).toBe(1)
  expect(online.stderr).toContain('does not answer')
  const shipped = await space.on('a', ['team', 'ship', '--json'])
  expect(shipped.code, shipped.stderr).toBe(0)
  expect(await breaches(database, space, [])).toEqual([])
})

test('a disk that was lost gets its runs back from the database', async () => {
  const [a] = (await started('a')) as [Runner]
  const run = await ordered(['approved', '--on', 'a'])
  await until(async () => (await rowOf(run))?.waiting !== '', a.said)
  await a.kill()
  rmSync(runFolder(a.state, run), { recursive: true })
  const runners = await started('a')
  await until(
    () => existsSync(join(runFolder(a.state, run), files.journal)),
    () => runners[0]?.said() ?? '',
  )
  await until(
    async () => (await space.call(['approve', run, 'go', '--team', '--yes'], 'bob@example.com')).code === 0,
    () => runners[0]?.said() ?? '',
  )
  await ended(run, runners)
})

test('roles cannot write tables, and lines cannot be rewritten, left out, or shipped by somebody else', async () => {
  const run = `20260101-000000-x-${randomUUID()
    .slice(0, 4)
    .replaceAll(/[^2-9a-z]/g, 'x')}`
  const a = await space.port('runbook_runner_a')
  const b = await space.port('runbook_runner_b')
  const owned = await a.claimByHand({ run, slug: 'x', key: randomUUID(), ships: 'strict', parent: undefined })
  const epoch = owned?.epoch ?? 0
  const line = (seq: number, prev: string, of = run) =>
    `{"actor":{},"data":{},"key":"","prev":"${prev}","run":"${of}","seq":${seq},"ts":"2026-11-30T00:00:00.000Z","type":"run-started","v":1}\n`
  const told = { status: '', waiting: '' }
  const zero = '0'.repeat(64)
  expect(await a.ship(run, epoch, 0, [line(0, zero)], told)).toBe(1)
  expect(await a.ship(run, epoch, 0, [line(0, zero)], told)).toBe(1)
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'other bytes',
      () => a.ship(run, epoch, 0, [line(0, zero).replace('"data":{}', '"data":{"x":1}')], told),
      'Forked',
    ],
    ['wrong prev', () => a.ship(run, epoch, 1, [line(1, zero)], told), 'Forked'],
    ['a gap', () => a.ship(run, epoch, 5, [line(5, zero)], told), 'Behind'],
    ['another epoch', () => a.ship(run, epoch + 1, 1, [], told), 'Lost'],
    ['another runner', () => b.ship(run, epoch, 1, [], told), 'Lost'],
    ['a permission for another runner', () => b.permit(run, epoch, 1000), 'Lost'],
    ['an end without its line', () => a.finish(run, epoch), 'Refused'],
  ]
  for (const [what, call, name] of refusals)
    expect(
      await call().then(
        () => 'allowed',
        (error: Error) => error.name,
      ),
      what,
    ).toBe(name)
  for (const role of ['runbook_runner_a', 'person', 'reader']) {
    const client = new pg.Client({ connectionString: database.url(role) })
    await client.connect()
    for (const table of ['runner', 'run', 'event', 'file', 'blob', 'answer', 'takeover'])
      for (const statement of [
        `insert into runbook.${table} default values`,
        `update runbook.${table} set ${table === 'event' ? "line = 'x'" : `${table === 'runner' ? 'name' : table === 'blob' ? 'no' : 'run'} = null`}`,
        `delete from runbook.${table}`,
        `truncate runbook.${table}`,
      ])
        expect(
          await client.query(statement).then(
            () => 'allowed',
            (error: { code?: string }) => error.code,
          ),
          `${role}: ${statement}`,
        ).toBe('42501')
    await client.end()
  }
  await a.close()
  await b.close()
})

test('a second process with the name of a runner ends, and the first goes on', async () => {
  const [a] = (await started('a')) as [Runner]
  const port = await space.port('runbook_runner_a')
  await expect(port.begin({ commit: '', version: '', runs: 1 })).rejects.toThrow('in use')
  await port.close()
  const run = await ordered(['quick', '--on', 'a'])
  await ended(run, [a])
  await a.kill()
})

test('while the database is down a run that ships later goes on to its end, and is stored byte for byte afterwards', async () => {
  space.write('runbook.config.ts', configOf('later'))
  const runners = await started('a')
  const run = await ordered(['slow', '--on', 'a'])
  await until(
    async () => ((await rowOf(run))?.size ?? 0) > 2,
    () => runners[0]?.said() ?? '',
  )
  await database.crash()
  await until(
    () =>
      readFileSync(join(runFolder(join(space.root, 'machines/a'), run), files.journal), 'utf8').includes(
        '"run-ended"',
      ),
    () => runners[0]?.said() ?? '',
  )
  await sleep(cases(0, 30_000))
  await database.start()
  await ended(run, runners)
  expect(await breaches(database, space, [])).toEqual([])
})

test('while the database is down a strict run starts no further step, and goes on once it is back', async () => {
  const runners = await started('a')
  const run = await ordered(['slow', '--on', 'a'])
  await until(
    async () => ((await rowOf(run))?.size ?? 0) > 2,
    () => runners[0]?.said() ?? '',
  )
  await database.crash()
  const folder = runFolder(join(space.root, 'machines/a'), run)
  const journal = (): string => readFileSync(join(folder, files.journal), 'utf8')
  // The intent of the second step is on the disk, and the step does not begin.
  await until(
    () => journal().split('"step-started"').length === 3,
    () => runners[0]?.said() ?? '',
  )
  await sleep(cases(4000, 30_000))
  expect(space.effects()).not.toContain(`${run} b`)
  expect(journal()).not.toContain('"run-ended"')
  await database.start()
  await ended(run, runners)
  expect(space.effects()).toContain(`${run} b`)
})
