import { randomUUID } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { takenOverFile } from '../../runner/engine/concurrency-key.ts'
import type { Event } from '../../runner/journal/record/event.ts'
import { runFolder } from '../../runner/journal/record/run-store.ts'
import { sha256 } from '../../runner/journal/record/write-journal.ts'
import { asText } from '../../runner/model/values/json.ts'
import { asAnswer } from '../../runner/team/continuation.ts'
import type { Continuation } from '../../runner/team/continuation.ts'
import { signStatement, teamNamespaces } from '../../runner/team/statement.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { client, hubOrigin } from '../support/hub/provider.ts'
import { frames } from '../support/servers/acting.ts'
import { layWire } from '../support/servers/wire.ts'
import type { Wire } from '../support/servers/wire.ts'
import { linePage, lineStep } from '../support/storm.ts'
import { openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { page } from '../support/workspace.ts'

// A runner has connections of three kinds, and each may come late, alone, or never.
let database: Postgres
/** Between the database and the runner a, and the hub. */
let wire: Wire
let space: Team
let desk: Desk

beforeAll(async () => {
  database = await startPostgres(['a', 'b'])
  await database.query('create role hub login in role runbook_hub')
  wire = await layWire(database.port)
  const url = (role?: string): string =>
    role === 'runbook_runner_a' || role === 'hub'
      ? database.url(role).replace(`:${database.port}/`, `:${wire.port}/`)
      : database.url(role)
  space = team({ ...database, url }, ['a', 'b'], {
    'content/runbooks/approved.mdx': page(
      `<Approval id="go" title="Go?" approvers="bob@example.com" />\n${lineStep('a')}`,
      'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n',
    ),
    'content/runbooks/slow.mdx': linePage(['a', 'b']).replace(
      /sleep 0\.05\n(?=echo "\$RUNBOOK_RUN_ID b)/,
      'touch "$EFFECTS.$RUNBOOK_RUN_ID"; while [ ! -e "$EFFECTS.$RUNBOOK_RUN_ID.go" ]; do sleep 0.05; done\n',
    ),
    ...frames(['approved']),
  })
  configure(8)
  desk = await openDesk(space)
})
afterEach(async () => {
  await space.still()
  wire.mend()
  await database.query("update runbook.run set state = 'expired' where state <> 'ended'")
})
afterAll(async () => {
  await desk?.close()
  await space?.[Symbol.asyncDispose]()
  await wire?.[Symbol.asyncDispose]()
  await database?.stop()
})

function configure(runs: number): void {
  const hub = { origin: hubOrigin, issuer: 'https://login.example.com', clientId: client.id }
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE', runs: ${runs} }, hub: ${JSON.stringify(hub)} }\n`,
  )
}

async function started(name: string): Promise<Runner> {
  const runner = space.start(name)
  await until(() => runner.said().includes('takes orders'), runner.said)
  return runner
}

const rowOf = async (run: string) => (await desk.port.runs({ run }))[0]
const eventsOf = async (run: string) => (await desk.port.events(run)).map((line) => JSON.parse(line) as Event)
const waits = (run: string, of: Runner) =>
  until(async () => (await rowOf(run))?.waiting !== '' && (await rowOf(run))?.state === 'owned', of.said)
const approved = (run: string, of: Runner) =>
  until(
    async () => (await space.call(['approve', run, 'go', '--team', '--yes'], 'bob@example.com')).code === 0,
    of.said,
  )
const ended = (run: string, of: Runner) => until(async () => (await rowOf(run))?.state === 'ended', of.said)

/** Leaves a signed request of carol's that a run goes on. */
async function ask(run: string, act: Continuation['act']): Promise<void> {
  const lines = await desk.port.events(run)
  const [first] = await eventsOf(run)
  const by = { id: 'carol@example.com', host: 'x', via: 'hub' }
  const wish: Continuation = {
    v: 1,
    act,
    run,
    planSha256: asText(first?.data['planSha256']),
    head: { size: lines.length, sha256: sha256(lines.at(-1) ?? '') },
    reason: 'a test',
    by,
    at: new Date().toISOString(),
    expires: new Date(Date.now() + 3_600_000).toISOString(),
    nonce: randomUUID(),
  }
  const signed = signStatement(teamNamespaces.order, wish, space.signer(by.id))
  await desk.port.answer(randomUUID(), run, act, asAnswer(signed, by))
}

test('a runner that hears no notice brings answers, heeds a request to go on, and lets go of a run that was taken over', async () => {
  wire.refuse('runbook notices')
  const a = await started('a')
  const run = await desk.order('approved', { wants: 'a' })
  await waits(run, a)
  await ask(run, 'resume')
  await until(
    async () =>
      (await eventsOf(run)).some(({ type, actor }) => type === 'run-resumed' && actor.id.startsWith('carol')),
    a.said,
  )
  await approved(run, a)
  await ended(run, a)
  const next = await desk.order('approved', { wants: 'a' })
  await waits(next, a)
  const b = await started('b')
  const row = await rowOf(next)
  if (row) await desk.takeOver(row, 'b')
  await until(() => existsSync(join(runFolder(a.state, next), takenOverFile)), a.said)
  await approved(next, b)
  await ended(next, b)
})

test('a run that was stopped goes on by a request that no notice told of', async () => {
  const a = await started('a')
  const run = await desk.order('approved', { wants: 'a' })
  await waits(run, a)
  const by = { id: 'carol@example.com', host: 'x', via: 'hub' }
  await desk.port.answer(randomUUID(), run, 'stop', { by, reason: 'a test' })
  await until(() => a.said().includes(`${run}: interrupted`), a.said)
  wire.refuse('runbook notices')
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'runbook notices'",
  )
  await ask(run, 'resume')
  await waits(run, a)
  await approved(run, a)
  await ended(run, a)
})

test('a runner takes orders whose connections for DBOS come late', async () => {
  wire.refuse('runbook orders')
  const a = space.start('a')
  await until(() => a.said().includes('does not answer'), a.said)
  wire.mend()
  await until(() => a.said().includes('takes orders') || a.child.exitCode !== null, a.said)
  expect(a.child.exitCode, a.said()).toBeNull()
})

test('a runner takes no more runs than it has places for, however late they begin', async () => {
  configure(1)
  const a = await started('a')
  wire.slow('runbook orders', 1500)
  const first = await desk.order('approved', { wants: 'a' })
  const second = await desk.order('slow', { wants: 'a' })
  await waits(first, a)
  expect(await rowOf(second)).toMatchObject({ state: 'queued' })
  configure(8)
  wire.mend()
  await approved(first, a)
  writeFileSync(join(space.root, `effects.${second}.go`), '')
  await ended(second, a)
})

test('a runner and its run go on when the schema was away for a while, as under a restore of a dump', async () => {
  const a = await started('a')
  const run = await desk.order('slow', { wants: 'a' })
  await until(() => existsSync(join(space.root, `effects.${run}`)), a.said)
  await database.query('alter schema runbook rename to elsewhere')
  writeFileSync(join(space.root, `effects.${run}.go`), '')
  // The hint is said by the look for orders.
  await until(() => a.said().includes('runbook team doctor'), a.said)
  await database.query('alter schema elsewhere rename to runbook')
  await ended(run, a)
  expect(a.child.exitCode, a.said()).toBeNull()
})

test('a hub that is ended while the database is away ends', async () => {
  wire.refuse('user')
  const hub = space.startHub('hub', { RUNBOOK_OIDC_SECRET: client.secret })
  await until(() => hub.said().includes('does not answer'), hub.said)
  hub.child.kill('SIGTERM')
  await until(() => hub.child.exitCode !== null, hub.said)
})

test('a hub that starts while the database is away listens once it is back', async () => {
  wire.refuse('user')
  const hub = space.startHub('hub', { RUNBOOK_OIDC_SECRET: client.secret })
  await until(() => hub.said().includes('does not answer'), hub.said)
  wire.mend()
  await until(() => hub.said().includes('listens') || hub.child.exitCode !== null, hub.said)
  expect(hub.child.exitCode, hub.said()).toBeNull()
})

test('a run that a machine doubts goes on there once a person takes it over to that machine', async () => {
  const [a, b] = [await started('a'), await started('b')]
  const run = await desk.order('approved', { wants: 'a' })
  await waits(run, a)
  await a.kill()
  await database.query("update runbook.run set runner = 'b', epoch = 2, incarnation = null where run = $1", [
    run,
  ])
  await until(() => b.said().includes('epoch 2 has no takeover'), b.said)
  const row = await rowOf(run)
  if (row) await desk.takeOver(row, 'b')
  await approved(run, b)
  await ended(run, b)
})
