import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonical } from '../../runner/journal/record/canonical.ts'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import type { JsonObject } from '../../runner/model/values/json.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { linePage, lineStep } from '../support/storm.ts'
import { openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { page, workspace } from '../support/workspace.ts'

// The owner of the database can write each table: no function and no role binds them.
let database: Postgres
let space: Team
let desk: Desk
let runners: [Runner, Runner]

beforeAll(async () => {
  database = await startPostgres(['a', 'b'])
  space = team(database, ['a', 'b'], {
    'content/runbooks/quick.mdx': linePage(['a', 'b']),
    'content/runbooks/approved.mdx': page(
      `<Approval id="go" title="Go?" approvers="bob@example.com" />\n${lineStep('a')}`,
      'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n',
    ),
  })
  desk = await openDesk(space)
  runners = [space.start('a'), space.start('b')]
  await until(() => runners.every((one) => one.said().includes('takes orders')), said)
})
afterAll(async () => {
  await desk?.close()
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

const said = (): string => runners.map((one) => one.said()).join('\n')
const rowOf = async (run: string) => (await desk.port.runs({ run }))[0]
const digest = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** The lines with another content, and a chain that is whole again. */
function chained(lines: readonly string[], change: (event: JsonObject) => JsonObject): string[] {
  let prev = '0'.repeat(64)
  return lines.map((line) => {
    const text = `${canonical({ ...change(JSON.parse(line) as JsonObject), prev })}\n`
    prev = digest(text)
    return text
  })
}

async function store(run: string, lines: readonly string[]): Promise<void> {
  await database.query('delete from runbook.event where run = $1', [run])
  for (const [seq, line] of lines.entries())
    await database.query('insert into runbook.event (run, seq, line, epoch) values ($1, $2, $3, 1)', [
      run,
      seq,
      line,
    ])
  await database.query('update runbook.run set size = $2, head = $3 where run = $1', [
    run,
    lines.length,
    digest(lines.at(-1) ?? ''),
  ])
}

test('a stored journal that the owner of the database changed, shortened or replaced is noticed with and without a copy', async () => {
  const run = await desk.order('quick', { wants: 'a' })
  await until(async () => (await rowOf(run))?.state === 'ended', said)
  const lines = await desk.port.events(run)
  const [row] = await database.query<{ statement: string; signature: string }>(
    'select statement, signature from runbook.run where run = $1',
    [run],
  )
  const byCarol = (event: JsonObject): JsonObject => ({
    ...event,
    actor: { ...(event['actor'] as JsonObject), id: 'carol@example.com' },
  })
  const changes: [string, () => Promise<void>][] = [
    [
      'one line',
      () =>
        store(
          run,
          lines.map((line, at) => (at === 1 ? line.replace('"v":1', '"v": 1') : line)),
        ),
    ],
    ['another actor, with a chain that is whole', () => store(run, chained(lines, byCarol))],
    ['the end removed', () => store(run, lines.slice(0, -1))],
    [
      'an order of another person',
      async () => {
        const statement = row?.statement.replaceAll('alice@example.com', 'carol@example.com')
        await database.query('update runbook.run set statement = $2 where run = $1', [run, statement])
      },
    ],
  ]
  for (const [what, change] of changes) {
    await change()
    const elsewhere = await space.call(['verify', run, '--team'], 'carol@example.com')
    expect([what, elsewhere.code], elsewhere.stdout).not.toEqual([what, 0])
    await store(run, lines)
    await database.query('update runbook.run set statement = $2 where run = $1', [run, row?.statement])
  }
  const whole = await space.on('a', ['verify', run, '--team'])
  expect(whole.code, whole.stdout + whole.stderr).toBe(0)
})

test('a runner that lost its disk runs no code that the owner of the database wrote for it', async () => {
  using evil = workspace({
    'content/runbooks/quick.mdx': linePage(['a', 'b']).replaceAll('echo "', 'echo "EVIL '),
  })
  const ran = await evil.runbook(['exec', 'quick', '--yes', '--no-input'], {
    RUNBOOK_SIGNING_KEY: 'none',
    EFFECTS: join(evil.root, 'effects'),
  })
  expect(ran.stdout + ran.stderr).toContain('quick')
  const { run } = /(?<run>\d{8}-\d{6}-quick-\w{4})/.exec(ran.stdout + ran.stderr)?.groups ?? {}
  const folder = runFolder(join(evil.root, '.runbook'), run ?? '')
  const [first = ''] = readFileSync(join(folder, files.journal), 'utf8').split(/(?<=\n)/)
  await database.query(
    `insert into runbook.run (run, slug, key, state, runner, epoch, owned_at) values ($1, 'quick', 'evil', 'owned', 'a', 1, now())`,
    [run],
  )
  for (const file of [files.plan, files.document]) {
    const bytes = readFileSync(join(folder, file))
    await database.query('insert into runbook.blob values ($1, 0, $2)', [digest(bytes), bytes])
    await database.query('insert into runbook.file (run, file, sha256, bytes) values ($1, $2, $3, $4)', [
      run,
      file,
      digest(bytes),
      bytes.length,
    ])
  }
  await store(run ?? '', [first])
  await until(() => runners[0].said().includes('its copy in the database does not count'), said)
  expect(runners[0].said()).toContain('neither its order nor this checkout has its version of quick')
  expect(space.effects().join()).not.toContain('EVIL')
  // Nor when it looks again.
  await runners[0].kill()
  runners[0] = space.start('a')
  await until(() => runners[0].said().includes('its copy in the database does not count'), said)
  expect(space.effects().join()).not.toContain('EVIL')
  await database.query("update runbook.run set state = 'expired' where run = $1", [run])
})

test('a runner that the owner of the database makes the owner of a run does not go on without a signed takeover', async () => {
  const run = await desk.order('approved', { wants: 'a' })
  await until(async () => (await rowOf(run))?.waiting !== '', said)
  await runners[0].kill()
  await database.query("update runbook.run set runner = 'b', epoch = 2, incarnation = null where run = $1", [
    run,
  ])
  await until(() => runners[1].said().includes('epoch 2 has no takeover'), said)
  rmSync(runFolder(runners[1].state, run), { recursive: true })
  expect(space.effects().join()).not.toContain(run)
})
