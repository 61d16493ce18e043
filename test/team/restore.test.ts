import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { takenOverFile } from '../../runner/engine/concurrency-key.ts'
import { runFolder } from '../../runner/journal/record/run-store.ts'
import type { TeamPort } from '../../runner/team/port.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { breaches, lateEffects, linePage, lineStep } from '../support/storm.ts'
import { endOf, openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { layWire } from '../support/servers/wire.ts'
import type { Wire } from '../support/servers/wire.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { page } from '../support/workspace.ts'

let database: Postgres
/** Between the database and the runner a. */
let wire: Wire
let space: Team
let desk: Desk

beforeAll(async () => {
  database = await startPostgres(['a', 'b', 'c'])
  wire = await layWire(database.port)
  const url = (role?: string): string =>
    role === 'runbook_runner_a'
      ? database.url(role).replace(`:${database.port}/`, `:${wire.port}/`)
      : database.url(role)
  space = team({ ...database, url }, ['a', 'b'], {
    'content/runbooks/quick.mdx': linePage(['a', 'b']),
    // Its second step waits for a word.
    'content/runbooks/slow.mdx': linePage(['a', 'b']).replace(
      /sleep 0\.05\n(?=echo "\$RUNBOOK_RUN_ID b)/,
      'while [ ! -e "$EFFECTS.go" ]; do sleep 0.05; done\n',
    ),
    'content/runbooks/approved.mdx': page(
      `<Approval id="go" title="Go?" approvers="bob@example.com" />\n${lineStep('a')}`,
      'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n',
    ),
  })
  desk = await openDesk(space)
})
afterEach(async () => {
  await space.still()
  await database.query("update runbook.run set state = 'expired' where state <> 'ended'")
  await database.query(
    'update runbook.restored set accepted_at = clock_timestamp() where accepted_at is null',
  )
  // Marks of machines that were ahead of a copy are covered by the word of a person.
  await database.query("insert into runbook.restored (runner, accepted_at) values ('', clock_timestamp())")
})
afterAll(async () => {
  await desk?.close()
  await space?.[Symbol.asyncDispose]()
  await wire?.[Symbol.asyncDispose]()
  await database?.stop()
})

async function started(...names: string[]): Promise<Runner[]> {
  const runners = names.map((name) => space.start(name))
  for (const one of runners) await until(() => one.said().includes('takes orders'), one.said)
  return runners
}

const rowOf = async (run: string) => (await desk.port.runs({ run }))[0]
const wordsOf = (all: readonly Runner[]) => (): string => all.map((one) => one.said()).join('\n')
const ended = (run: string, of: readonly Runner[]) =>
  until(async () => (await rowOf(run))?.state === 'ended', wordsOf(of))

/** Copies the database, and waits until each runner has heard more of it than the copy says. */
async function backUp(of: readonly Runner[]): Promise<() => Promise<void>> {
  const restore = await database.backUp()
  const marks = async () =>
    new Map(
      (await database.query<{ name: string; mark: string }>('select name, mark from runbook.runner')).map(
        ({ name, mark }) => [name, Number(mark)] as const,
      ),
    )
  const before = await marks()
  await until(async () => {
    const now = await marks()
    return of.every(({ name }) => (now.get(name) ?? 0) > (before.get(name) ?? 0))
  }, wordsOf(of))
  return restore
}

const isTold = (of: readonly Runner[]) =>
  until(() => of.every((one) => one.said().includes('it was restored from a backup')), wordsOf(of))

async function accept(): Promise<void> {
  const { code, stderr } = await space.call(['team', 'restored', '--reason', 'looked at each run'])
  expect(code, stderr).toBe(0)
}

test('after a restore from an older backup runners say so and take nothing until a person has looked, then the rest is shipped again', async () => {
  const runners = await started('a')
  const run = await desk.order('approved', { wants: 'a' })
  await until(async () => (await rowOf(run))?.waiting !== '', wordsOf(runners))
  const restore = await backUp(runners)
  const size = (await rowOf(run))?.size
  await until(
    async () => (await space.call(['approve', run, 'go', '--team', '--yes'], 'bob@example.com')).code === 0,
    wordsOf(runners),
  )
  await ended(run, runners)
  await restore()
  await isTold(runners)
  const next = await desk.order('quick', { wants: 'a' })
  await new Promise((resolve) => setTimeout(resolve, 2000))
  expect(await rowOf(run)).toMatchObject({ state: 'owned', size })
  expect(await rowOf(next)).toMatchObject({ state: 'queued' })
  await accept()
  await ended(run, runners)
  await ended(next, runners)
  expect(await breaches(database, space, [])).toEqual([])
})

test('runs that the backup does not have, or has as orders that wait, are handed in again from their machine', async () => {
  const queued = await desk.order('quick', { wants: 'a' })
  const empty = await database.backUp()
  const runners = await started('a')
  await ended(queued, runners)
  const run = await desk.order('quick', { wants: 'a' })
  await ended(run, runners)
  await empty()
  await isTold(runners)
  expect(await rowOf(run)).toBeUndefined()
  expect(await rowOf(queued)).toMatchObject({ state: 'queued' })
  const shipped = await space.on('a', ['team', 'ship', '--json'])
  expect(shipped.code, shipped.stdout + shipped.stderr).toBe(0)
  await accept()
  for (const one of [run, queued]) expect(await rowOf(one)).toMatchObject({ state: 'ended', runner: 'a' })
  expect(await breaches(database, space, [])).toEqual([])
})

test('a runner that hears no notice takes no order of a restored database either', async () => {
  const run = await desk.order('quick', { wants: 'a' })
  const empty = await database.backUp()
  const runners = await started('a')
  await ended(run, runners)
  wire.refuse('runbook notices')
  await empty()
  await isTold(runners)
  expect(await rowOf(run)).toMatchObject({ state: 'queued' })
  wire.mend()
  await accept()
  await ended(run, runners)
  expect(space.effects().filter((line) => line.startsWith(run))).toEqual([`${run} a`, `${run} b`])
  expect(await breaches(database, space, [])).toEqual([])
})

test('a runner goes on that was away while a restore was noticed and a person let the runners go on', async () => {
  const run = await desk.order('quick', { wants: 'a' })
  const empty = await database.backUp()
  const [a, b] = (await started('a', 'b')) as [Runner, Runner]
  await ended(run, [a])
  wire.refuse('user')
  await empty()
  await isTold([b])
  await accept()
  wire.mend()
  await ended(run, [a])
  expect(a.said()).not.toContain('restored')
  expect(space.effects().filter((line) => line.startsWith(run))).toEqual([`${run} a`, `${run} b`])
})

/** A process of the runner c, which calls as it likes. */
async function runnerC(): Promise<TeamPort> {
  const port = await space.port('runbook_runner_c')
  await port.begin({ commit: '', version: '', runs: 1 })
  await port.seen()
  return port
}

/** The name of the refusal of a call, once the database answers. */
async function refusal(call: () => Promise<unknown>): Promise<string> {
  let name = ''
  await until(
    async () => {
      name = await call().then(
        () => 'allowed',
        (error: Error) => error.name,
      )
      return name !== 'Away'
    },
    () => name,
  )
  return name
}

test('a call that a restored database refuses is not lost, and counts once the process has begun again', async () => {
  await using ports = new AsyncDisposableStack()
  const first = ports.adopt(await runnerC(), (port) => port.close())
  const run = await desk.order('quick', { wants: 'c' })
  expect((await first.claim(['%'], 'strict'))?.run).toBe(run)
  const restore = await database.backUp()
  const second = ports.adopt(await runnerC(), (port) => port.close())
  expect(await refusal(() => second.permit(run, 1, 1000))).toBe('allowed')
  await restore()
  expect(await refusal(() => second.permit(run, 1, 1000))).toBe('Restored')
  await accept()
  const told = { status: '', waiting: '' }
  expect(await refusal(() => second.ship(run, 1, 0, [], told))).toBe('Restored')
  await second.begin({ commit: '', version: '', runs: 1 })
  await second.seen()
  expect(await refusal(() => second.permit(run, 1, 1000))).toBe('allowed')
  expect(await refusal(() => first.permit(run, 1, 1000))).toBe('Lost')
})

test('no order is claimed of a database that was restored after the process said that it lives', async () => {
  await using ports = new AsyncDisposableStack()
  const port = ports.adopt(await runnerC(), (one) => one.close())
  const run = await desk.order('quick', { wants: 'c' })
  const restore = await database.backUp()
  expect(await refusal(() => port.seen())).toBe('allowed')
  await restore()
  expect(await refusal(() => port.claim(['%'], 'strict'))).toBe('Restored')
  expect(await rowOf(run)).toMatchObject({ state: 'queued' })
})

test('a machine that lost a run does not go on with it when the database has forgotten the takeover', async () => {
  const [a, b] = (await started('a', 'b')) as [Runner, Runner]
  const run = await desk.order('slow', { wants: 'a' })
  await until(() => space.effects().includes(`${run} a`), a.said)
  const restore = await backUp([a, b])
  await a.kill('SIGSTOP')
  const row = await rowOf(run)
  expect(row?.state).toBe('owned')
  if (row) await desk.takeOver(row, 'b')
  writeFileSync(join(space.root, 'effects.go'), '')
  await a.kill('SIGCONT')
  await until(() => existsSync(join(runFolder(a.state, run), takenOverFile)), a.said)
  await endOf(space, desk, run, wordsOf([a, b]))
  await restore()
  await isTold([a, b])
  await accept()
  await until(() => a.said().includes('this machine lost the run after epoch 1'), a.said)
  const again = await rowOf(run)
  expect(again).toMatchObject({ state: 'owned', runner: 'a', epoch: 1 })
  if (again) await desk.takeOver(again, 'b')
  await ended(run, [a, b])
  expect(lateEffects(space)).toEqual([])
  expect(await breaches(database, space, [])).toEqual([])
  expect(space.effects().filter((line) => line.startsWith(run))).toEqual([`${run} a`, `${run} b`])
})
