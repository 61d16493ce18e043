import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enter, hubOptions, startHub } from '../support/hub/hub.ts'
import type { Browser, TestHub } from '../support/hub/hub.ts'
import { startFaultyProvider } from '../support/hub/provider.ts'
import type { FaultyProvider } from '../support/hub/provider.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { frames } from '../support/servers/acting.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { commandStep, page } from '../support/workspace.ts'

let database: Postgres
let provider: FaultyProvider
let space: Team
let runner: Runner
let hub: TestHub
let alice: Browser
let run: string

const steps = [
  commandStep('first', 'echo "first on the runner"; echo first >> "$EFFECTS"'),
  '<Ask id="colour" title="Colour" outputs="colour">\n\n```yaml\ncolour: { type: choice, options: [red, blue] }\n```\n\n</Ask>\n',
  commandStep('last', 'echo last >> "$EFFECTS"'),
].join('\n')

beforeAll(async () => {
  database = await startPostgres(['a'])
  await database.query('create role hub login')
  await database.query('grant runbook_hub to hub')
  provider = await startFaultyProvider()
  const person = (name: string, roles: string): string =>
    `  ${name}@example.com:\n    roles: [${roles}]\n    logins: [{ issuer: "${provider.issuer}", subject: ${name} }]\n`
  space = team(database, ['a'], {
    'content/runbooks/release.mdx': page(steps, 'requires: { env: [EFFECTS] }\n'),
    'content/runbooks/patch.mdx': page(
      commandStep('patch', 'test "$target" != bad', 'effect="read"'),
      'inputs:\n  target: { type: text }\nconcurrency: "host ${{ inputs.target }}"\n',
    ),
    'content/people.yaml': `people:\n${person('alice', 'operator')}${person('bob', '')}rights:\n  operator: ["read:*", "run:*", "answer:*", "stop:*"]\n`,
    ...frames(['release']),
  })
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE' }, hub: ${JSON.stringify(hubOptions(provider.issuer))} }\n`,
  )
  runner = space.start('a')
  await until(() => runner.said().includes('takes orders'), runner.said)
  hub = await startHub(space, {
    TEAM_DATABASE: database.url('hub'),
    RUNBOOK_STATE: `${space.root}/machines/hub`,
  })
  alice = await enter(hub, provider, 'alice')
  const ordered = await space.call(['order', 'release', '--json'])
  expect(ordered.code, ordered.stderr).toBe(0)
  run = (JSON.parse(ordered.stdout) as { run: string }).run
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

const pageOf = async (browser: Browser): Promise<string> =>
  (await browser.get(`/runs/${run.toLowerCase()}/`)).text

test('a run of another machine has the page that it has on a laptop, and its question is answered at the hub', async () => {
  await until(
    async () => (await pageOf(alice)).includes('/answer"'),
    () => runner.said(),
  )
  expect(await pageOf(alice)).toContain('first on the runner')
  expect((await alice.get('/orders/')).text).toContain(run)
  expect((await alice.get('/runners/')).text).toContain('<b>a</b>')
  expect((await alice.get('/runs/')).text).toContain(run.toLowerCase())
  const answered = await alice.submit(`/runs/${run.toLowerCase()}/`, '/answer', { value: 'blue' })
  expect(answered.status, answered.text).toBe(303)
  await until(
    () => space.effects().includes('last'),
    () => runner.said(),
  )
  await until(
    async () =>
      (await database.query<{ state: string }>('select state from runbook.run')).every(
        ({ state }) => state === 'ended',
      ),
    () => runner.said(),
  )
  expect(space.effects()).toEqual(['first', 'last'])
  const verified = await space.call(['verify', run, '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
})

test('an order over many targets has a page with its waves, its targets and the commands that decide about it', async () => {
  const ordered = await space.call(['order', 'patch', '--targets', 'x,bad,y', '--waves', '1,2,3', '--json'])
  const { fleet } = JSON.parse(ordered.stdout) as { fleet: string }
  const shown = async (): Promise<string> => (await alice.get(`/orders/${fleet}/`)).text
  await until(
    async () => (await shown()).includes('! stopped</span>'),
    () => runner.said(),
  )
  const text = await shown()
  for (const words of ['1 failed, and its budget is 1', '<td>bad</td>', '<td>x</td>', 'not started'])
    expect(text).toContain(words)
  expect(text).toContain(`runbook fleet resume ${fleet}`)
  expect((await alice.get('/orders/')).text).toContain(`/orders/${fleet}/`)
  expect((await alice.get('/orders/fleet-gone/')).status).toBe(404)
  const bob = await enter(hub, provider, 'bob')
  expect((await bob.get(`/orders/${fleet}/`)).status).toBe(403)
})

test('a person without rights sees neither the run nor the order', async () => {
  const bob = await enter(hub, provider, 'bob')
  expect((await bob.get(`/runs/${run.toLowerCase()}/`)).status).toBe(404)
  expect((await bob.get('/orders/')).status).toBe(403)
})

test('the hub of a team starts nothing, whatever form is sent', async () => {
  for (const path of [
    '/start/release',
    `/runs/${run.toLowerCase()}/resume`,
    `/runs/${run.toLowerCase()}/watch`,
  ])
    expect((await alice.post(path, { '~do': 'run' })).status).toBe(409)
  expect(space.effects()).toEqual(['first', 'last'])
})

test('a hub that lies cannot rewrite what runners stored, nor act as one', async () => {
  const evil = new pg.Client({ connectionString: database.url('hub') })
  await evil.connect()
  try {
    const tables = await database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'runbook'",
    )
    expect(tables.length).toBeGreaterThan(5)
    const before = await database.query('select * from runbook.event order by run, seq')
    for (const { name } of tables) {
      const held = ['insert', 'update', 'delete', 'truncate', 'references', 'trigger'].map(
        (right) =>
          `has_table_privilege('hub', 'runbook.${name}', '${right}') as ${right === 'references' ? 'refs' : right}`,
      )
      const [rights = {}] = await database.query<Record<string, boolean>>(`select ${held.join(', ')}`)
      expect([name, Object.values(rights).filter(Boolean)]).toEqual([name, []])
      for (const statement of [
        `delete from runbook.${name}`,
        `truncate runbook.${name}`,
        `insert into runbook.${name} default values`,
        `drop table runbook.${name}`,
        `alter table runbook.${name} disable trigger all`,
      ])
        await expect(evil.query(statement), statement).rejects.toThrow(/permission denied|must be owner/)
    }
    const functions = await database.query<{ call: string }>(
      `select format('runbook.%I(%s)', proname, array_to_string(array(select 'null::' || format_type(t, null) from unnest(proargtypes) t), ',')) as call
       from pg_proc join pg_namespace n on n.oid = pronamespace
       where nspname = 'runbook' and proname in ('ship','permit','finish','claim','claim_by_hand','put_file','begin_runner','take_answer','decline','open_again','reopen')`,
    )
    expect(functions).toHaveLength(11)
    for (const { call } of functions)
      await expect(evil.query(`select * from ${call}`), call).rejects.toThrow(/permission denied/)
    for (const other of ['runbook_runner_a', 'owner'])
      await expect(evil.query(`set role ${other}`), other).rejects.toThrow(/permission denied/)
    expect(await database.query('select * from runbook.event order by run, seq')).toEqual(before)
  } finally {
    await evil.end()
  }
})
