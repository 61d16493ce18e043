import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../runner/team/database/migrate.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { childrenOf, lineStep } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { commandStep, page } from '../support/workspace.ts'

let database: Postgres
let space: Team
let runner: Runner

const declared = 'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n'
const approval = '<Approval id="go" title="Go?" approvers="alice@example.com, bob@example.com" />\n'

beforeAll(async () => {
  database = await startPostgres(['a'])
  await database.query('create role keeper login in role runbook_keeper')
  space = team(database, ['a'], {
    'content/runbooks/approved.mdx': page(`${approval}${lineStep('a')}`, declared),
    'content/runbooks/cut.mdx': page(
      commandStep('a', 'echo "$RUNBOOK_RUN_ID began $$" >> "$EFFECTS"; sleep 600', 'effect="write"'),
      declared,
    ),
  })
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: space.root })
  git('init', '--quiet')
  git('add', 'content', 'runbook.config.ts', 'allowed_signers')
  git('commit', '--quiet', '--message', 'Runbooks')
  runner = space.start('a')
  await until(() => runner.said().includes('takes orders'), runner.said)
})

afterAll(async () => {
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

async function ordered(slug: string): Promise<string> {
  const { code, stdout, stderr } = await space.call(['order', slug, '--json'])
  expect(code, stderr).toBe(0)
  return (JSON.parse(stdout) as { run: string }).run
}

async function rowOf(run: string) {
  const [row] = await database.query<{ state: string; status: string; waiting: string; size: number }>(
    'select state, status, waiting, size from runbook.run where run = $1',
    [run],
  )
  return row
}

const waits = (run: string, at: string): Promise<void> =>
  until(async () => {
    const { waiting = '' } = (await rowOf(run)) ?? {}
    return waiting !== '' && waiting.endsWith(at)
  }, runner.said)
const ended = (run: string): Promise<void> =>
  until(async () => (await rowOf(run))?.state === 'ended', runner.said)

test('a rejection from elsewhere stops the run, with its reason in the journal', async () => {
  const run = await ordered('approved')
  await waits(run, '')
  const without = await space.call(['reject', run, 'go', '--team'], 'bob@example.com')
  expect(without.code).toBe(5)
  const own = await space.call(['reject', run, 'go', '--team', '--reason', 'x'])
  expect(own.code).toBe(4)
  const rejected = await space.call(
    ['reject', run, 'go', '--team', '--reason', 'not today'],
    'bob@example.com',
  )
  expect(rejected.code, rejected.stderr).toBe(0)
  await ended(run)
  expect((await rowOf(run))?.status).toBe('stopped')
  expect(space.effects().filter((line) => line.startsWith(run))).toEqual([])
  const log = await space.call(['log', run, '--team'], 'carol@example.com')
  expect(log.stdout).toContain('not today')
  expect(log.stdout).toContain('bob@example.com')
})

test('the outcome of a step that nothing saw the end of is recorded from elsewhere, and its runner goes on', async () => {
  const run = await ordered('cut')
  const script = (): number =>
    Number(
      space
        .effects()
        .find((line) => line.startsWith(`${run} began`))
        ?.split(' ')[2],
    )
  await until(() => script() > 0, runner.said)
  for (const pid of [...childrenOf(runner.child.pid ?? 0), script()]) process.kill(pid, 'SIGKILL')
  await waits(run, '/resolve')
  const wrong = await space.call(['resolve', run, 'b', '--team', '--as', 'done', '--reason', 'x'])
  expect(wrong.code).toBe(2)
  const silent = await space.call(['resolve', run, 'a', '--team', '--as', 'done'])
  expect(silent.code).toBe(2)
  expect((await rowOf(run))?.waiting).toContain('/resolve')
  const resolved = await space.call(
    ['resolve', run, 'a', '--team', '--as', 'done', '--reason', 'it is there'],
    'bob@example.com',
  )
  expect(resolved.code, resolved.stderr).toBe(0)
  expect(resolved.stdout).toContain('its runner goes on')
  await ended(run)
  expect((await rowOf(run))?.status).toBe('succeeded')
  expect((await space.call(['log', run, '--team'])).stdout).toContain('it is there')
})

test('a runner writes no warning of the client of the database', () => {
  expect(runner.said()).not.toContain('Warning')
})

test('the runs of the team are listed from the database, each with its state and its runner', async () => {
  const listed = await space.call(['runs', '--team', '--json'], 'carol@example.com')
  const rows = JSON.parse(listed.stdout) as { run: string; slug: string; status: string; runner: string }[]
  expect(rows.map(({ slug, status }) => [slug, status])).toEqual([
    ['cut', 'succeeded'],
    ['approved', 'stopped'],
  ])
  const text = await space.call(['runs', '--team'], 'carol@example.com')
  for (const { run } of rows) expect(text.stdout).toContain(`${run} `)
})

test('runs past their retention leave the database once their copy was verified, and their ids are not used again', async () => {
  const archive = join(space.root, 'archive')
  const gc = (args: string, role = 'keeper') =>
    space.call(['team', 'gc', ...args.split(' ').filter(Boolean), '--json'], 'carol@example.com', {
      ...space.env('carol@example.com', role),
    })
  const [cut, approved] = (
    await database.query<{ run: string }>('select run from runbook.run order by slug desc')
  ).map(({ run }) => run) as [string, string]
  expect((await gc('--archive archive --older-than 30d')).code).toBe(2)
  expect((await gc('')).code).toBe(2)
  expect(JSON.parse((await gc('--dry-run')).stdout)).toMatchObject({ removed: [], kept: [] })
  expect(existsSync(archive)).toBe(false)
  // In the database both are old, and their journals say that they are of today: they stay.
  await database.query("update runbook.run set ended_at = ended_at - interval '91 days'")
  const young = await gc('--archive archive')
  expect(young.code, young.stderr).toBe(1)
  expect(JSON.parse(young.stdout)).toMatchObject({ removed: [] })
  // By a clock of later, and a row that is young in the database: it refuses.
  const later = { NODE_OPTIONS: `--import ${join(space.root, 'later.mjs')}` }
  space.write('later.mjs', 'const now = Date.now; Date.now = () => now() + 100 * 86_400_000\n')
  const gcLater = (args: string, role = 'keeper') =>
    space.call(['team', 'gc', ...args.split(' '), '--json'], 'carol@example.com', {
      ...space.env('carol@example.com', role),
      ...later,
    })
  await database.query('update runbook.run set ended_at = clock_timestamp() where run = $1', [cut])
  const dry = await gcLater('--dry-run')
  expect((JSON.parse(dry.stdout) as { removed: string[] }).removed.toSorted()).toEqual(
    [approved, cut].toSorted(),
  )
  expect((await gcLater('--archive archive', 'person')).stdout).toContain('permission denied')
  const done = JSON.parse((await gcLater('--archive archive')).stdout) as {
    removed: string[]
    kept: { run: string; why: string }[]
  }
  expect(done.removed).toEqual([approved])
  expect(done.kept).toEqual([{ run: cut, why: expect.stringContaining('less than 90 days') as string }])
  const left = await database.query<{ run: string }>('select distinct run from runbook.event')
  expect(left).toEqual([{ run: cut }])
  const verified = await space.call(['verify', join(archive, 'runs', approved)], 'carol@example.com')
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  const listed = await space.call(['runs', '--team'])
  expect(listed.stdout).not.toContain(approved)
  // Its id is taken for ever, and no statement of an owner of the schema changes its row by mistake.
  await expect(
    database.query("update runbook.run set state = 'queued' where run = $1", [approved]),
  ).rejects.toThrow('was removed')
  const port = await space.port('person')
  const [row] = await port.runs({ run: approved, removed: true })
  const { readOrder } = await import('../../runner/team/order.ts')
  const order = readOrder(row?.statement ?? '')
  if (!order.ok) throw new Error(order.problem.message)
  expect(
    await port.enqueue({
      order: order.value,
      statement: row?.statement ?? '',
      signature: row?.signature ?? '',
    }),
  ).toBe(false)
  await port.close()
})

test('a runner of an older version works with a newer schema until the schema says that it does not serve it', async () => {
  const schema = (newest: number, oldest: number) =>
    database.query(
      `create or replace function runbook.protocol() returns table (newest int, oldest int)
       language sql immutable as 'select ${newest}, ${oldest}'`,
    )
  const port = await space.port('runbook_runner_a')
  await runner.kill('SIGTERM')
  const begin = () => port.begin({ commit: '', version: '', runs: 1 })
  await schema(9, 1)
  expect(await begin()).toBe('a')
  await schema(9, 2)
  await expect(begin()).rejects.toThrow('serves programs from protocol 2')
  await schema(0, 0)
  await expect(begin()).rejects.toThrow('older than this program')
  // Migrating again, beside whatever is connected, is how it is extended.
  await migrate(database.url(), ['a'])
  expect(await begin()).toBe('a')
  await port.end()
  await port.close()
})

test('a decision that was made from a request file is handed in from elsewhere, once it would count', async () => {
  runner = space.start('a')
  const run = await ordered('approved')
  await waits(run, '')
  const asked = await space.on('a', ['request', run, 'go', '-o', 'go.request'])
  expect(asked.code, asked.stderr).toBe(0)
  const decide = (who: string) => space.call(['approve', 'go.request', '-o', `${who}.answer`, '--yes'], who)
  const made = await decide('bob@example.com')
  expect(made.code, made.stderr).toBe(0)
  const hand = (file: string, ...more: string[]) =>
    space.call(['answer', file, '--team', ...more], 'carol@example.com')
  const file = 'bob@example.com.answer'
  const text = readFileSync(join(space.root, file), 'utf8')
  space.write('forged.answer', text.replaceAll('"id":"bob@example.com"', '"id":"carol@example.com"'))
  const forged = await hand('forged.answer')
  expect([forged.code, forged.stderr]).toEqual([4, expect.stringContaining('would not believe')])
  expect((await hand(file, '--dry-run')).stdout).toContain('would hand in: approved go')
  expect((await rowOf(run))?.waiting).not.toBe('')
  const handed = await hand(file)
  expect([handed.code, handed.stdout]).toEqual([0, expect.stringMatching(/^approved go of .* by bob@/)])
  await ended(run)
  expect((await rowOf(run))?.status).toBe('succeeded')
  const late = await hand(file)
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('does not wait for `go/1`')])
  const verified = await space.call(['verify', run, '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  await space.still()
})
