import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { enter, hubOptions, makeBrowser, sendTo, startHub } from '../support/hub/hub.ts'
import type { TestHub } from '../support/hub/hub.ts'
import { client, startFaultyProvider } from '../support/hub/provider.ts'
import type { FaultyProvider } from '../support/hub/provider.ts'
import { frames } from '../support/servers/acting.ts'
import { linePage } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { page, testedFolder } from '../support/workspace.ts'

const service = 'alerts@services'
let database: Postgres
let provider: FaultyProvider
let space: Team
let runner: Runner
let hub: TestHub

/** Half a day away from this moment. */
const hour = (new Date().getUTCHours() + 12) % 24
const approval = '<Approval id="go" title="Go?" approvers="operator" />\n'

beforeAll(async () => {
  database = await startPostgres(['a'])
  await database.query('create role hub login in role runbook_hub')
  provider = await startFaultyProvider()
  space = team(
    database,
    ['a'],
    {
      'content/runbooks/disk-full.mdx': linePage(['a']),
      'content/runbooks/disk-asks.mdx': page(approval),
      'content/runbooks/other.mdx': linePage(['a']),
      'content/people.yaml': `people:
  alice@example.com:
    roles: [operator]
    logins: [{ issuer: "${provider.issuer}", subject: alice }]
  ${service}: { kind: service }
  ci@services: { kind: service }
rights:
  operator: ["read:*", "alert:*"]
  ${service}: ["alert:disk-*"]
`,
      'content/schedules.yaml': `schedules:
  nightly:
    runbook: other
    cron: "0 ${hour} * * *"
    by: ${service}
    missed: all
    within: 10d
    most: 3
`,
      ...frames(['disk-full', 'disk-asks', 'other']),
    },
    'runs: 4',
    [service, 'ci@services'],
  )
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE' }, hub: ${JSON.stringify(hubOptions(provider.issuer))} }\n`,
  )
  runner = space.start('a')
  await until(() => runner.said().includes('takes orders'), runner.said)
  hub = await startHub(space, {
    ...space.env(service, 'hub'),
    RUNBOOK_STATE: join(space.root, 'machines/hub'),
  })
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

function webhook(slug: string, fingerprint: string, more: object = {}): string {
  const alert = {
    status: 'firing',
    labels: { alertname: 'Disk' },
    annotations: { runbook_url: `https://runbooks.example.com/runbooks/${slug}/` },
    startsAt: '2026-11-30T01:02:03Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint,
    ...more,
  }
  return JSON.stringify({ version: '4', receiver: 'x', status: 'firing', alerts: [alert] })
}

interface Row {
  run: string
  state: string
  statement: string
  declined: Record<string, string>
}

const rowsOf = (fingerprint: string): Promise<Row[]> =>
  database.query<Row>(
    'select run, state, statement, declined from runbook.run where statement like $1 order by run',
    [`%"fingerprint":"${fingerprint}"%`],
  )

const ended = (fingerprint: string, count: number): Promise<void> =>
  until(
    async () => {
      const rows = await rowsOf(fingerprint)
      return rows.length === count && rows.every(({ state }) => state === 'ended')
    },
    () => runner.said(),
  )

/** Starts a program of the space that serves, as somebody. */
function served(
  args: readonly string[],
  who: string,
  role = 'person',
): { child: ChildProcess; said(): string } {
  const child: ChildProcess = spawn(process.execPath, [join(testedFolder, 'bin/main.mjs'), ...args], {
    cwd: space.root,
    env: {
      ...process.env,
      ...space.env(who, role),
      RUNBOOK_OIDC_SECRET: client.secret,
      RUNBOOK_STATE: join(space.root, 'machines/served'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout?.on('data', (bytes: Buffer) => (said += String(bytes)))
  child.stderr?.on('data', (bytes: Buffer) => (said += String(bytes)))
  return { child, said: () => said }
}

interface Receiver {
  send(body: string): Promise<{ status: number; ordered?: number }>
  said(): string
  close(): Promise<void>
}

async function receiver(who: string): Promise<Receiver> {
  const { child, said } = served(['alerts', 'serve', '--order', '--port', '0', '--json'], who)
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await until(() => /"address":"[^"]+"/.test(said()) || child.exitCode !== null, said)
  const address = /"address":"([^"]+)"/.exec(said())?.[1] ?? ''
  return {
    async send(body) {
      const reply = await fetch(`${address}/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      return { ...((await reply.json()) as object), status: reply.status }
    },
    said,
    async close() {
      child.kill()
      await over
    },
  }
}

test('three deliveries of an alert at alerts serve are one run, and one that fires anew is another', async () => {
  const alerts = await receiver(service)
  const fingerprint = 'aaaa000011112222'
  const first = webhook('disk-full', fingerprint)
  const sent = await Promise.all([1, 2, 3].map(() => alerts.send(first)))
  expect(
    sent.map(({ status }) => status),
    alerts.said(),
  ).toEqual([200, 200, 200])
  await ended(fingerprint, 1)
  await alerts.send(webhook('disk-full', fingerprint, { status: 'resolved', endsAt: '2026-11-30T02:00:00Z' }))
  expect(await rowsOf(fingerprint)).toHaveLength(1)
  await alerts.send(webhook('disk-full', fingerprint, { startsAt: '2026-11-30T03:00:00Z' }))
  await ended(fingerprint, 2)
  expect(space.effects()).toHaveLength(2)
  const [row] = await rowsOf(fingerprint)
  expect(JSON.parse(row?.statement ?? '{}')).toMatchObject({ by: { id: service }, alert: { name: 'Disk' } })
  const log = await space.call(['log', row?.run ?? '', '--team'])
  expect(log.stdout, log.stderr).toContain(service)
  // A runbook that people.yaml does not give the service is proposed, and not ordered.
  await alerts.send(webhook('other', 'bbbb000011112222'))
  expect(await rowsOf('bbbb000011112222')).toEqual([])
  expect(alerts.said()).toContain('does not give alerts@services the right')
  await alerts.close()
})

test('an alert that the database could not take is ordered when it is sent again', async () => {
  const alerts = await receiver(service)
  const body = webhook('disk-full', 'cccc000011112222')
  await database.crash()
  expect((await alerts.send(body)).status).toBe(500)
  await database.start()
  await until(async () => (await alerts.send(body)).status === 200, alerts.said)
  await ended('cccc000011112222', 1)
  await alerts.close()
})

test('alerts serve orders nothing as a person, or with a key that is listed for others', async () => {
  const person = await receiver('alice@example.com')
  expect(person.said()).toContain('is not a service of people.yaml')
  const { RUNBOOK_SIGNING_KEY: key = '' } = space.env('ci@services', 'person')
  const other = await space.call(['alerts', 'serve', '--order', '--port', '0'], service, {
    RUNBOOK_SIGNING_KEY: key,
  })
  expect(other.code).toBe(2)
  expect(other.stderr).toContain('is listed for ci@services')
})

test('a webhook with a token for alerts orders one run at the hub, whose requester is the service of the hub', async () => {
  const alice = await enter(hub, provider, 'alice')
  const token = async (scope: string): Promise<string> => {
    const made = await alice.submit('/account/', '/account/tokens', { kind: 'service', label: scope, scope })
    return /rbk_s_\w{12}_[\w-]{43}/.exec(made.text)?.[0] ?? ''
  }
  const send = async (text: string, body: string) => {
    const { status, text: reply } = await hub.send('/alerts', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${text}`, 'content-type': 'application/json' },
    })
    return { status, reply }
  }
  const own = await token('alert:* read:*')
  const fingerprint = 'dddd000011112222'
  const body = webhook('disk-asks', fingerprint)
  const sent = [await send(own, body), await send(own, body), await send(own, body)]
  expect(sent.map(({ reply }) => JSON.parse(reply) as unknown)).toEqual([
    { ordered: 1, repeated: 0, resolved: 0, refused: 0 },
    { ordered: 0, repeated: 1, resolved: 0, refused: 0 },
    { ordered: 0, repeated: 1, resolved: 0, refused: 0 },
  ])
  const [row] = await rowsOf(fingerprint)
  const run = row?.run ?? ''
  const { by } = JSON.parse(row?.statement ?? '{}') as { by: object }
  expect(by).toMatchObject({ id: service, client: expect.stringMatching(/^token-/) as string })
  await until(
    async () =>
      (
        await database.query<{ waiting: string }>('select waiting from runbook.run where run = $1', [run])
      ).some(({ waiting }) => waiting !== ''),
    () => runner.said(),
  )
  // The service asked for it, and no service decides.
  expect((await space.call(['approve', run, 'go', '--team', '--yes'], service)).code).toBe(4)
  expect((await space.call(['approve', run, 'go', '--team', '--yes'])).code).toBe(0)
  await ended(fingerprint, 1)
  // The right of the token counts, then that of the service.
  expect((await send(await token('read:*'), body)).status).toBe(403)
  const narrow = await send(await token('alert:other read:*'), webhook('disk-full', 'eeee000011112222'))
  expect(JSON.parse(narrow.reply)).toMatchObject({ ordered: 0, refused: 1 })
  const beyond = await send(own, webhook('other', 'eeee000011112222'))
  expect(JSON.parse(beyond.reply)).toMatchObject({ ordered: 0, refused: 1 })
  expect(await rowsOf('eeee000011112222')).toEqual([])
  const audit = await space.call(['hub', 'audit', '--about', run, '--json'], service, {
    ...space.env(service, 'hub'),
    RUNBOOK_STATE: join(space.root, 'machines/hub'),
  })
  expect(audit.stdout, audit.stderr).toContain('"alert"')
})

test('a runner refuses an order of a service that its checkout does not give the right for', async () => {
  const made = await space.call(['order', 'other', '--json'], 'ci@services')
  expect(made.code, made.stderr).toBe(0)
  const { run } = JSON.parse(made.stdout) as { run: string }
  const declined = async () =>
    (await database.query<Row>('select declined, state from runbook.run where run = $1', [run]))[0]
  await until(async () => Object.keys((await declined())?.declined ?? {}).length > 0, runner.said)
  expect(JSON.stringify(await declined())).toContain('does not give ci@services the right `run:other`')
  expect((await declined())?.state).toBe('queued')
})

test('of two clocks and a hub each moment that was missed is ordered once, up to the bound, and signed by the service', async () => {
  const listed = await space.call(['schedules', '--orders', '--json'])
  expect(listed.code, listed.stdout + listed.stderr).toBe(0)
  const {
    schedules: [nightly],
  } = JSON.parse(listed.stdout) as {
    schedules: [{ sha256: string; next: string[]; order: { schedule: object } }]
  }
  const { sha256, next } = nightly
  expect(next).toHaveLength(3)
  expect(nightly.order.schedule).toEqual({ name: 'nightly', moment: next[0], sha256 })
  const clocks = [1, 2].map(() => served(['schedules', 'serve'], service))
  const ordered = () =>
    database.query<Row>(
      "select run, state, statement from runbook.run where run like '%-nightly-%' order by run",
    )
  for (const { said } of clocks) await until(() => said().includes('keeps the schedules'), said)
  // Added just now: no moment before it counts.
  await until(
    async () => (await database.query('select from runbook.schedule')).length === 1,
    () => clocks.map(({ said }) => said()).join(),
  )
  expect(await ordered()).toEqual([])
  await database.query("update runbook.schedule set since = since - interval '20 days'")
  await until(
    async () => (await ordered()).filter(({ state }) => state === 'ended').length === 3,
    () => [runner, ...clocks].map(({ said }) => said()).join(),
  )
  const moments = (await ordered()).map(
    ({ statement }) => JSON.parse(statement) as { by: { id: string }; schedule: { moment: string } },
  )
  const [last = ''] = next
  expect(moments.map(({ schedule }) => schedule.moment)).toEqual(
    [3, 2, 1].map((days) => new Date(Date.parse(last) - days * 86_400_000).toISOString()),
  )
  expect(new Set(moments.map(({ by }) => by.id))).toEqual(new Set([service]))
  for (const { child } of clocks) child.kill()
  const after = await space.call(['schedules'])
  expect(after.stdout).toContain('nightly')
  expect(after.stdout).toContain('succeeded on a')
})

test('two processes of a hub are one: a person signs in at one and acts at the other, and a token that one revokes is refused by both at once', async () => {
  const { child, said } = served(
    ['serve', '--hub', '--site', join(space.root, 'site'), '--host', '127.0.0.1', '--port', '0', '--json'],
    service,
    'hub',
  )
  await until(() => /"at":"[^"]+"/.test(said()), said)
  const other = sendTo(Number(/"at":"[^"]*:(\d+)"/.exec(said())?.[1]))
  const here = await enter(hub, provider, 'alice')
  // The same cookies at the other process.
  const there = makeBrowser(other, here.cookies)
  expect((await there.get('/account/')).text).toContain('alice@example.com')
  // A form of one is sent to the other, and counts once.
  const { action, fields } = await here.form('/account/', '/account/tokens')
  const wish = { ...fields, kind: 'service', label: 'two', scope: 'read:*' }
  const made = await there.post(action, wish)
  const text = /rbk_s_\w{12}_[\w-]{43}/.exec(made.text)?.[0] ?? made.text
  expect((await here.post(action, wish)).status).toBe(409)
  const asked = async (): Promise<number[]> => {
    const headers = { authorization: `Bearer ${text}` }
    const replies = await Promise.all([hub.send, other].map((send) => send('/metrics', { headers })))
    return replies.map(({ status }) => status)
  }
  expect(await asked()).toEqual([200, 200])
  const { text: figures } = await other('/metrics', { headers: { authorization: `Bearer ${text}` } })
  expect(figures).toMatch(/^runbook_team_runs\{state="ended",status="succeeded"\} \d+$/m)
  expect(figures).toMatch(/^runbook_team_runner_up\{runner="a"\} 1$/m)
  for (const name of ['queue_seconds', 'waiting_runs', 'orphaned_runs', 'open_answers'])
    expect(figures).toMatch(new RegExp(`^runbook_team_${name} \\d`, 'm'))
  const id = text.split('_')[2] ?? ''
  const revocation = await here.form('/account/', '/account/tokens/revoke')
  expect(
    (await there.post(revocation.action, { ...revocation.fields, id, '~token': await revoking(id) })).status,
  ).toBe(303)
  expect(await asked()).toEqual([401, 401])
  // Both write one chain, which holds.
  const audit = await space.call(['hub', 'audit', '--json'], service, { ...space.env(service, 'hub') })
  const { lines, problems } = JSON.parse(audit.stdout) as {
    lines: { chain: string; seq: number }[]
    problems: string[]
  }
  expect(problems).toEqual([])
  expect(new Set(lines.map(({ chain }) => chain))).toEqual(new Set(['team']))
  expect(lines.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(lines.map((_, index) => index))
  // The end of the session at one is its end at the other.
  expect((await there.submit('/account/', '/logout')).status).toBe(200)
  expect((await here.get('/account/')).status).toBe(303)
  child.kill()

  /** The token of the form that revokes this token. */
  async function revoking(of: string): Promise<string> {
    const { text: markup } = await here.get('/account/')
    const forms = [...markup.matchAll(/<form[^>]*tokens\/revoke"[^>]*>([\s\S]*?)<\/form>/g)].map(
      ([, one = '']) => one,
    )
    const own = forms.find((one) => one.includes(`value="${of}"`)) ?? ''
    return /name="~token"\s+value="([^"]*)"/.exec(own)?.[1] ?? ''
  }
})

test('of many callers at two machines one adds a row of the hub and one takes it, and no role but that of a hub reads one', async () => {
  const { openDatabase } = await import('../../runner/team/database/postgres.ts')
  const { teamStore } = await import('../../runner/commands/serve/hub/team-store.ts')
  const databases = await Promise.all([1, 2].map(() => openDatabase(database.url('hub'))))
  const stores = databases.map(teamStore)
  const row = { id: 'a', value: { text: 'x\u0000y' }, until: Date.now() + 60_000 }
  const many = Array.from({ length: 10 }, () => stores).flat()
  const added = await Promise.all(many.map((store) => store.add('once', row)))
  expect(added.filter(Boolean)).toHaveLength(1)
  expect((await stores[1]?.get('once', 'a'))?.value).toEqual(row.value)
  const taken = await Promise.all(many.map((store) => store.take('once', 'a')))
  expect(taken.filter(Boolean)).toHaveLength(1)
  await stores[0]?.add('once', { ...row, id: 'b', until: Date.now() - 1 })
  expect(await stores[1]?.get('once', 'b')).toBeUndefined()
  await stores[0]?.extend('once', 'b', Date.now() + 60_000)
  expect(await stores[1]?.list('once')).not.toContainEqual(expect.objectContaining({ id: 'b' }))
  const forged = stores[0]?.appendAudit((place) => `${JSON.stringify({ ...place, prev: 'x' })}\n`)
  await expect(forged).rejects.toThrow('does not continue the audit')
  await Promise.all(databases.map((one) => one.close()))
  for (const role of ['person', 'reader', 'runbook_runner_a']) {
    const one = await openDatabase(database.url(role))
    for (const call of [
      'select * from runbook.hub_row',
      'select * from runbook.hub_audit',
      "select * from runbook.hub_rows('secret', null)",
      'select * from runbook.hub_audit_lines()',
    ])
      await expect(one.rows(call), `${role}: ${call}`).rejects.toThrow('permission denied')
    await one.close()
  }
})
