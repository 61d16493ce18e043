import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { dayBars, uptime } from '../../runner/status/history.ts'
import { incidentSchema, statusOf } from '../../runner/status/incident-file.ts'
import type { Incident } from '../../runner/status/incident-file.ts'
import { readIncidents } from '../../runner/status/read-incidents.ts'
import { createIncident, openStore, withUpdate } from '../../scripts/programs/status/incident-store.ts'
import { statuspage } from '../../scripts/adapters/statuspage.ts'
import { contractProxy } from '../support/servers/contract-proxy.ts'
import type { ContractProxy } from '../support/servers/contract-proxy.ts'
import { statuspageDescription } from '../scripts/statuspage-description.ts'
import { statuspageServer } from '../scripts/statuspage-server.ts'
import type { StatuspageServer } from '../scripts/statuspage-server.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let dir: string
const servers: { close(): void }[] = []
/** What the service answers to whoever asks too much. */
const LIMITS = [420, 429]

beforeEach(async () => {
  dir = await tempDir()
  mkdirSync(join(dir, 'incidents'))
  copyFileSync(join(root, 'content/status/components.yml'), join(dir, 'components.yml'))
})
afterAll(async () => {
  for (const server of servers) server.close()
  await cleanUp()
})

async function seedCall(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(join(root, 'scripts/ops/update_status_page.sh'), args, {
    cwd: root,
    env: { ...process.env, STATUS_PAGE_ID: '', STATUS_PAGE_API_KEY: '', STATUS_DIR: dir, ...env },
  })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  return ran
}
const page = (...args: string[]): Promise<Ran> => runScript('status-page.ts', ...args, '--dir', dir)
const only = (): Incident => readIncidents(dir)[0] ?? expect.fail('no incident')

test('the three calls of a responder create, update and resolve one incident, and its component works again', async () => {
  const message = 'Investigating delays in real-time sync'
  expect(
    (await seedCall(['--status', 'investigating', '--component', 'collaboration', '--message', message]))
      .code,
  ).toBe(0)
  const { id } = only()
  expect(id).toMatch(/^INC-\d{4}-\d\d-\d\d-001$/)
  await seedCall([
    '--status',
    'identified',
    '--incident-id',
    id,
    '--message',
    'Database connection pool exhausted',
    '--action',
    'update',
  ])
  const ended = await seedCall(['--status', 'resolved', '--incident-id', id, '--action', 'resolve'])
  expect(ended.stdout).toContain('collaboration operational')
  expect(readIncidents(dir)).toHaveLength(1)
  expect(only().updates.map(({ status }) => status)).toEqual(['investigating', 'identified', 'resolved'])
  expect(only().resolvedAt).toBe(only().updates.at(-1)?.at)
})

test('"maintenance" of "all" is one in progress on every component, and completed when it is resolved', async () => {
  await seedCall([
    '--status',
    'maintenance',
    '--component',
    'all',
    '--message',
    'New version 0.1.0 available for download',
  ])
  expect(only()).toMatchObject({ impact: 'maintenance' })
  expect(statusOf(only())).toBe('in_progress')
  expect(Object.keys(only().updates[0]?.components ?? {})).toEqual([
    'api',
    'collaboration',
    'import',
    'export',
    'storefront',
  ])
  await page('--incident-id', 'last', '--action', 'resolve')
  expect(statusOf(only())).toBe('completed')
})

test.each([
  [['--component', 'colaboration'], 'Did you mean `collaboration`?'],
  [['--component', 'api', '--status', 'investigatin'], 'Did you mean `investigating`?'],
  [['--component', 'api', '--incident-id', 'INC-1', '--action', 'update'], 'There is no incident INC-1'],
])('a mistake is refused with exit code 2 and a word that helps: %j', async (args, text) => {
  const ran = await page(
    '--message',
    'x',
    ...(args.includes('--status') ? [] : ['--status', 'investigating']),
    ...args,
  )
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain(text)
})

test('a dry run needs no key and writes no file', async () => {
  const ran = await page(
    '--status',
    'investigating',
    '--component',
    'api',
    '--message',
    'x',
    '--dry-run',
    '--provider',
    'statuspage',
  )
  expect(ran.code).toBe(0)
  expect(readdirSync(join(dir, 'incidents'))).toEqual([])
})

test('ten incidents made at the same moment have ten ids, and the same key makes one incident', async () => {
  const store = openStore(dir)
  const fresh = (key: string) => ({ ...sample('x'), key })
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, index) => createIncident(store, fresh(`k${index}`))),
  )
  expect(new Set(made.map(({ incident }) => incident.id)).size).toBe(10)
  const again = await Promise.all([createIncident(store, fresh('k3')), createIncident(store, fresh('k3'))])
  expect(again.map(({ created }) => created)).toEqual([false, false])
})

test('a number is not given again on its day when its incident was deleted', async () => {
  const store = openStore(dir)
  const { incident: first } = await createIncident(store, sample('x'))
  rmSync(store.file(first.id))
  const { incident: second } = await createIncident(store, sample('x'))
  expect([first.id, second.id]).toEqual(['INC-2026-11-10-001', 'INC-2026-11-10-002'])
})

test('the call that names no provider asks the service where its account is set', async () => {
  const { server, proxy } = await remote()
  server.now = () => performance.now()
  const env = { STATUS_PAGE_URL: proxy.url, STATUS_PAGE_ID: 'p1', STATUS_PAGE_API_KEY: 'canary-key' }
  const ran = await seedCall(['--status', 'investigating', '--component', 'api', '--message', 'x'], env)
  expect(ran.code, ran.stderr).toBe(0)
  expect(server.incidents).toHaveLength(1)
  const half = await seedCall(['--status', 'investigating', '--component', 'api', '--message', 'y'], {
    ...env,
    STATUS_PAGE_ID: '',
  })
  expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('STATUS_PAGE_ID is not set')])
})

test('an incident is found by the id it has elsewhere', async () => {
  const elsewhere = ['--incident-id', 'INC-123']
  const first = ['--action', 'create', '--status', 'investigating', '--component', 'api', '--message', 'x']
  expect((await seedCall([...first, ...elsewhere])).code).toBe(0)
  expect((await seedCall(['--status', 'resolved', ...elsewhere, '--action', 'resolve'])).code).toBe(0)
  expect(only()).toMatchObject({ providerIds: { other: 'INC-123' } })
  expect(statusOf(only())).toBe('resolved')
  const other = await seedCall(['--status', 'resolved', '--incident-id', 'INC-124', '--action', 'resolve'])
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('There is no incident INC-124')])
})

const open = ['--component', 'api', '--message', 'x']
const between = (from: string, until: string) => ['--from', from, '--until', until]

test.each([
  ['a severity that is not in the list', [...open, '--status', 'investigating', '--severity', 'P9'], 'P9'],
  [
    'a maintenance that ends before it begins',
    [...open, '--status', 'maintenance', ...between('2030-01-01T23:00:00Z', '2030-01-01T22:00:00Z')],
    'ends before it begins',
  ],
  [
    'times of an incident',
    [...open, '--status', 'investigating', '--until', '2030-01-01T22:00:00Z'],
    '--until',
  ],
  [
    'a maintenance with the impact of an incident',
    [...open, '--status', 'maintenance', '--impact', 'major'],
    'major',
  ],
])('%s is refused, and nothing is written', async (_, args, text) => {
  const ran = await page(...args)
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(text)])
  expect(readIncidents(dir)).toEqual([])
})

test('an incident is never completed, and a resolution says nothing else', async () => {
  await page('--status', 'investigating', ...open)
  for (const args of [
    ['completed'],
    ['in_progress'],
    ['maintenance'],
    ['monitoring', '--action', 'resolve'],
  ]) {
    const ran = await page('--incident-id', 'last', '--message', 'y', '--status', ...args)
    expect(ran.code).toBe(2)
  }
  expect(only().updates).toHaveLength(1)
})

test('the severity decides the impact, at first and when it changes', async () => {
  await page('--status', 'investigating', ...open, '--severity', 'P1')
  expect(only()).toMatchObject({ impact: 'major' })
  await page('--status', 'identified', '--incident-id', 'last', '--message', 'Worse', '--severity', 'P0')
  expect(only()).toMatchObject({ impact: 'critical' })
  expect(only().updates.at(-1)?.components).toEqual({ api: 'major_outage' })
})

test('the script runs where the Node of the system is older', async () => {
  const bin = join(await tempDir(), 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const ran = await seedCall(['--status', 'investigating', ...open], { PATH: `${bin}:/usr/bin:/bin` })
  expect([ran.code, ran.stderr]).toEqual([0, ''])
})

test('an update that is repeated word by word is written once', async () => {
  await page('--status', 'investigating', '--component', 'api', '--message', 'x')
  for (let time = 0; time < 2; time++)
    await page('--status', 'monitoring', '--incident-id', 'last', '--message', 'Watching')
  expect(only().updates).toHaveLength(2)
})

test('a template is filled with what is known of the incident, and the time it promises starts a clock', async () => {
  await page(
    '--status',
    'investigating',
    '--component',
    'api',
    '--template',
    'investigating',
    '--severity',
    'P1',
  )
  const [first] = only().updates
  expect(first?.body).toBe('We are looking into a problem with API. The next update comes within 20m.')
  expect(Date.parse(first?.next ?? '') - Date.parse(first?.at ?? '')).toBe(20 * 60_000)
  const clock = await runScript('incident.ts', '--dir', dir, '--now', only().startedAt)
  expect(clock.stdout).toContain('… update     in 20m')
  await page('--status', 'identified', '--incident-id', 'last', '--template', 'identified', '--next', '2h')
  const late = await runScript(
    'incident.ts',
    '--dir',
    dir,
    '--now',
    new Date(Date.now() + 3 * 3_600_000).toISOString(),
  )
  expect(late.code).toBe(1)
  expect(late.stdout).toContain('✕ update')
})

test('an incident goes back to an earlier status only with a reason, which users do not read', async () => {
  await page('--status', 'monitoring', '--component', 'api', '--message', 'Watching')
  const back = ['--status', 'investigating', '--incident-id', 'last', '--message', 'It is back']
  const refused = await page(...back)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('--reason')
  expect((await page(...back, '--reason', 'the fix did not hold')).code).toBe(0)
  expect(only().updates.at(-1)).toMatchObject({ status: 'investigating', reason: 'the fix did not hold' })
})

test('a role that is handed over, and a severity that is changed, stay with the incident', async () => {
  await page('--status', 'investigating', '--component', 'api', '--message', 'x', '--severity', 'P1')
  const assign = (to: string) =>
    runScript('incident.ts', 'assign', '--role', 'commander', '--to', to, '--dir', dir)
  await assign('ann')
  expect((await assign('bob')).stdout).toContain('commander bob, before ann')
  await page('--status', 'investigating', '--incident-id', 'last', '--message', 'Worse', '--severity', 'P0')
  const changes = only().changes.map(({ what, role, from, to }) => [what, role, from, to])
  expect(changes).toEqual([
    ['role', 'commander', '', 'ann'],
    ['role', 'commander', 'ann', 'bob'],
    ['severity', '', 'P1', 'P0'],
  ])
  expect((await runScript('incident.ts', '--dir', dir)).stdout).toMatch(/P0\n[^]*commander  bob/)
})

test('a maintenance that is announced keeps its components until it begins', async () => {
  const window = ['--from', '2030-01-01T22:00:00Z', '--until', '2030-01-01T23:00:00Z']
  await page('--status', 'maintenance', '--component', 'api,export', '--template', 'maintenance', ...window)
  expect(statusOf(only())).toBe('scheduled')
  expect(only().updates[0]?.components).toEqual({ api: 'operational', export: 'operational' })
  await page('--status', 'in_progress', '--incident-id', only().id, '--message', 'It begins')
  expect(only().updates[1]?.components).toEqual({ api: 'under_maintenance', export: 'under_maintenance' })
})

test('a component that another incident holds is not called well', async () => {
  for (const message of ['one', 'two'])
    await page('--status', 'investigating', '--component', 'api', '--message', message)
  const ran = await page('--incident-id', only().id, '--action', 'resolve')
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('api is still degraded')
})

function sample(id: string, updates: object[] = [{ components: { api: 'major_outage' } }]): Incident {
  const at = '2026-11-10T10:00:00.000Z'
  const base = { id: 'u', at, status: 'investigating', body: 'Looking', by: 'ann' }
  return incidentSchema.parse({
    id,
    title: 'Slow answers',
    impact: 'minor',
    startedAt: at,
    updates: updates.map((one, index) => ({ ...base, id: `u${index}`, ...one })),
  })
}

test('43.2 minutes of outage in 30 days are 99.900 %, overlapping outages count once, a drill not at all', () => {
  const now = Date.parse('2026-11-20T00:00:00Z')
  const outage = { ...sample('a'), resolvedAt: '2026-11-10T10:43:12.000Z' }
  expect((uptime('api', [outage], now, 30) * 100).toFixed(3)).toBe('99.900')
  expect((uptime('api', [outage, { ...outage, id: 'b' }], now, 30) * 100).toFixed(3)).toBe('99.900')
  expect(uptime('api', [{ ...outage, drill: true }], now, 30)).toBe(1)
  const bars = dayBars('api', [outage], now, 30)
  expect(bars).toHaveLength(30)
  expect(bars.filter(({ status }) => status === 'major_outage').map(({ date }) => date)).toEqual([
    '2026-11-10',
  ])
})

async function remote(): Promise<{
  server: StatuspageServer
  proxy: ContractProxy
  publish: (incident: Incident) => Promise<string>
  slept: number[]
}> {
  const server = await statuspageServer(['API', 'Collaboration', 'Import', 'Export', 'Storefront'])
  const proxy = await contractProxy(statuspageDescription(), server.url, '/v1', LIMITS)
  servers.push(server, proxy)
  const clock = { now: 0 }
  const slept: number[] = []
  const pace = {
    now: () => clock.now,
    sleep: (ms: number) => {
      slept.push(ms)
      clock.now += ms
      return Promise.resolve()
    },
  }
  server.now = () => clock.now
  const adapter = statuspage({ url: proxy.url, page: 'p1', token: 'canary-key', pace })
  return { server, proxy, publish: (incident) => adapter.publish(incident, openStore(dir)), slept }
}

test('an incident goes to Statuspage, follows its updates, ends with its component operational, within the contract', async () => {
  const { server, proxy, publish } = await remote()
  let incident: Incident = { ...sample('INC-1'), title: 'Slow '.repeat(80) }
  const id = await publish(incident)
  incident = { ...incident, providerIds: { statuspage: id } }
  for (const status of ['identified', 'resolved'] as const) {
    const components = { api: status === 'resolved' ? ('operational' as const) : ('major_outage' as const) }
    incident = withUpdate(incident, {
      id: status,
      at: incident.startedAt,
      status,
      body: status,
      by: 'ann',
      components,
    })
    await publish(incident)
  }
  expect(proxy.violations).toEqual([])
  expect(server.incidents).toHaveLength(1)
  expect(server.incidents[0]?.status).toBe('resolved')
  expect(server.components.map(({ status }) => status)).toEqual(Array(5).fill('operational'))
})

test('a maintenance is scheduled or in progress there, with that impact, never a status "maintenance"', async () => {
  const { server, proxy, publish } = await remote()
  await publish({
    ...sample('INC-2', [{ status: 'in_progress', components: { api: 'under_maintenance' } }]),
    impact: 'maintenance',
  })
  expect(proxy.violations).toEqual([])
  expect(server.incidents[0]).toMatchObject({ status: 'in_progress', impact_override: 'maintenance' })
})

test('an incident that was opened there by hand is followed, and one with an id of another system is opened', async () => {
  const { server, proxy, publish } = await remote()
  const byHand = await publish(sample('INC-1'))
  const update = {
    id: 'n',
    at: sample('x').startedAt,
    status: 'identified',
    body: 'Found',
    by: 'ann',
  } as const
  const incident = withUpdate(sample('INC-2'), { ...update, components: { api: 'major_outage' } })
  expect(await publish({ ...incident, providerIds: { other: byHand } })).toBe(byHand)
  expect(server.incidents.map(({ status }) => status)).toEqual(['identified'])
  const paged = await publish({ ...sample('INC-3'), providerIds: { other: 'INC-123' } })
  expect(server.incidents).toHaveLength(2)
  expect(paged).not.toBe(byHand)
  expect(proxy.violations).toEqual([])
})

test.each(['POST', 'PATCH'])('when the answer to a %s is lost, nothing is made twice', async (method) => {
  const { server, proxy, publish } = await remote()
  if (method === 'POST') server.loseAnswerTo = 'POST'
  const incident = sample('INC-3')
  const id = await publish(incident)
  if (method === 'PATCH') server.loseAnswerTo = 'PATCH'
  await publish({
    ...withUpdate(incident, {
      id: 'n',
      at: incident.startedAt,
      status: 'monitoring',
      body: 'Watching',
      by: 'ann',
      components: {},
    }),
    providerIds: { statuspage: id },
  })
  expect(server.incidents).toHaveLength(1)
  expect(server.incidents[0]?.incident_updates.map(({ body }) => body)).toEqual(['Watching', 'Looking'])
  expect(proxy.violations).toEqual([])
})

test('no more than one request a second is sent, and a refusal is waited out for as long as it says', async () => {
  const { server, proxy, publish, slept } = await remote()
  server.refuse = [420, 429]
  await publish(sample('INC-4'))
  expect(slept.filter((ms) => ms === 7000)).toHaveLength(2)
  expect(server.tooFast).toBe(0)
  expect(proxy.violations).toEqual([])
})

test.each([
  ['POST', '/incidents', { incident: { name: 'x', status: 'maintenance' } }, /Invalid option/],
  ['POST', '/incidents', { incident: { status: 'investigating' } }, /name/],
  ['POST', '/incidents', { incident: { name: 'x', components: { c0: 'down' } } }, /Invalid option/],
  ['GET', '/incident', undefined, /no such operation/],
  ['GET', '/incidents?newest=1', undefined, /newest is not described/],
])('the contract refuses what it does not describe: %s %s %j', async (method, path, body, why) => {
  const { server, proxy } = await remote()
  const headers = { authorization: 'OAuth canary-key', 'content-type': 'application/json' }
  const asked = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  expect((await fetch(`${proxy.url}/v1/pages/p1${path}`, asked)).status).toBe(422)
  expect(proxy.violations).toEqual([expect.stringMatching(why)])
  expect(server.incidents).toEqual([])
})

test('the contract finds an answer that a client could not rely on', async () => {
  const { server, proxy } = await remote()
  const stored = { id: 'i0', name: 'x', status: 'sorted', metadata: {}, incident_updates: [] }
  server.incidents.push(stored)
  const headers = { authorization: 'OAuth canary-key' }
  await fetch(`${proxy.url}/v1/pages/p1/incidents/i0`, { headers })
  expect(proxy.violations).toEqual([expect.stringContaining('the answer to GET')])
})

test('without the account of the provider nothing is written, and every missing variable is named', async () => {
  const call = [
    '--status',
    'investigating',
    '--component',
    'api',
    '--message',
    'x',
    '--provider',
    'statuspage',
  ]
  const ran = await seedCall(call, { STATUS_PAGE_ID: '', STATUS_PAGE_API_KEY: '' })
  expect(ran.code).toBe(2)
  expect(ran.stderr).toContain('STATUS_PAGE_ID and STATUS_PAGE_API_KEY are not set')
  expect(readIncidents(dir)).toEqual([])
})

test('a refusal is told without the key', async () => {
  const { server, publish } = await remote()
  server.key = 'another'
  const error = (await publish(sample('INC-5')).catch((thrown: unknown) => thrown)) as Error & {
    problem: { hint: string }
  }
  expect(error.problem.hint).toContain('STATUS_PAGE_API_KEY')
  expect(JSON.stringify(error) + String(error)).not.toContain('canary')
})

test('with the provider statuspage the file keeps the id of the incident there', async () => {
  const { server, proxy } = await remote()
  server.now = () => performance.now()
  const env = { STATUS_PAGE_URL: proxy.url, STATUS_PAGE_ID: 'p1', STATUS_PAGE_API_KEY: 'canary-key' }
  const ran = await seedCall(
    ['--status', 'investigating', '--component', 'api', '--message', 'x', '--provider', 'statuspage'],
    env,
  )
  expect(ran.code, ran.stderr).toBe(0)
  expect(proxy.violations).toEqual([])
  expect(only().providerIds).toEqual({ statuspage: server.incidents[0]?.id })
  expect(readFileSync(join(dir, 'incidents', `${only().id}.md`), 'utf8')).not.toContain('canary')
})
