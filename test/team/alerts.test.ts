import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { enter, hubOptions, startHub } from '../support/hub/hub.ts'
import type { TestHub } from '../support/hub/hub.ts'
import { startFaultyProvider } from '../support/hub/provider.ts'
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

interface Receiver {
  send(body: string): Promise<{ status: number; ordered?: number }>
  said(): string
  close(): Promise<void>
}

async function receiver(who: string): Promise<Receiver> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(testedFolder, 'bin/main.mjs'), 'alerts', 'serve', '--order', '--port', '0', '--json'],
    {
      cwd: space.root,
      env: {
        ...process.env,
        ...space.env(who, 'person'),
        RUNBOOK_STATE: join(space.root, 'machines/receiver'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  child.stdout?.on('data', (bytes: Buffer) => (said += String(bytes)))
  child.stderr?.on('data', (bytes: Buffer) => (said += String(bytes)))
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await until(
    () => /"address":"[^"]+"/.test(said) || child.exitCode !== null,
    () => said,
  )
  const address = /"address":"([^"]+)"/.exec(said)?.[1] ?? ''
  return {
    async send(body) {
      const reply = await fetch(`${address}/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      return { ...((await reply.json()) as object), status: reply.status }
    },
    said: () => said,
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
