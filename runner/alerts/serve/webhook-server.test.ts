import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mayEnter } from './webhook-credentials.ts'
import { diagnosisSteps, makeQueue } from './diagnosis.ts'
import { makeRateLimit } from './rate.ts'
import { receive } from './receive.ts'
import { startServer } from './webhook-server.ts'
import { listStoredAlerts, readStoredAlert } from '../alert-store.ts'
import { readWebhook } from '../webhook.ts'
import type { Listening } from '../../http/listen.ts'
import { kinds } from '../../kinds/all.ts'
import type { Plan } from '../../model/plan.ts'
import { orThrow } from '../../model/problem.ts'
import { readRunbook } from '../../model/read-runbook.ts'

const text = `---\ntitle: T\ninputs: {service: {fromLabel: job}, count: {type: int, default: 1}}\nalerts: [Down]\n---\n\n<Command id="a" title="A">\n\n\`\`\`bash\ntrue\n\`\`\`\n\n</Command>\n`
const documents = [readRunbook({ file: 't.mdx', slug: 't', bytes: Buffer.from(text) }, kinds).document]

let state: string
let servers: Listening[]
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'runbook-alerts-'))
  servers = []
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  rmSync(state, { recursive: true, force: true })
})

const alert = (more: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'Down', job: 'api' },
  startsAt: '2026-11-21T08:00:00Z',
  fingerprint: '3f2a111111111111',
  ...more,
})
const body = (...alerts: object[]) =>
  JSON.stringify({ version: '4', receiver: 'r', status: 'firing', alerts })
const take = async (posted: string, most = 100) => {
  const webhook = orThrow(readWebhook(posted))
  const fresh: string[] = []
  const counts = await receive(webhook, {
    state,
    documents,
    site: undefined,
    now: () => new Date(0),
    most,
    onNew: ({ fingerprint }) => fresh.push(fingerprint),
  })
  return { ...counts, fresh }
}

const listen = async (more: object = {}) => {
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    credentials: {},
    maxBody: 1000,
    rate: 6000,
    now: Date.now,
    receive: () => Promise.resolve({ ok: true }),
    metrics: () => '# EOF\n',
    onRefusal: () => undefined,
    ...more,
  })
  servers.push(server)
  return async (
    init: { body?: string; headers?: Record<string, string>; method?: string; path?: string } = {},
  ) => {
    const { path = '/webhook', method = 'POST', headers = {} } = init
    const response = await fetch(`${server.origin}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' ? { body: init.body ?? body(alert()) } : {}),
    })
    return response.status
  }
}

test('an alert is new once, repeated while it fires, over when it is resolved, and new when it fires again', async () => {
  expect(await take(body(alert()))).toMatchObject({ new: 1, fresh: ['3f2a111111111111'] })
  expect(await take(body(alert(), alert()))).toMatchObject({ repeated: 2, fresh: [] })
  expect(await take(body(alert({ status: 'resolved' })))).toMatchObject({ resolved: 1 })
  expect(readStoredAlert(state, '3f2a111111111111')).toMatchObject({
    times: 4,
    alert: { status: 'resolved' },
  })
  expect(await take(body(alert({ startsAt: '2026-11-22T08:00:00Z' })))).toMatchObject({ new: 1 })
})

test('the run it asks for is proposed with its values, and values that do not fit are named', async () => {
  await take(body(alert({ labels: { alertname: 'down', job: 'api', count: 'many' } })))
  expect(readStoredAlert(state, '3f2a111111111111')).toMatchObject({
    proposal: { slug: 't', values: { service: 'api' } },
    problems: [expect.stringContaining('`count`')],
  })
  await take(body(alert({ labels: { alertname: 'Other' }, fingerprint: 'aaaaaaaaaaaaaaaa' })))
  expect(readStoredAlert(state, 'aaaaaaaaaaaaaaaa')).not.toHaveProperty('proposal')
})

test('there is an end to how many alerts are kept', async () => {
  const many = Array.from({ length: 5 }, (_, index) =>
    alert({ fingerprint: undefined, labels: { alertname: 'Down', index: String(index) } }),
  )
  expect(await take(body(...many), 3)).toMatchObject({ new: 3, refused: 2 })
  expect(listStoredAlerts(state)).toHaveLength(3)
})

test('a fingerprint never becomes a path', async () => {
  expect(readWebhook(body(alert({ fingerprint: '../../etc/passwd' })))).toHaveProperty('problem')
  expect(readStoredAlert(state, '../../etc/passwd')).toBeUndefined()
  await take(body(alert({ fingerprint: undefined })))
  expect(readdirSync(join(state, 'alerts'))).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.json$/)])
})

test('the webhook of Grafana is taken, and how many alerts its sender left out is said', async () => {
  // The fields of the documented body, and those that it has for a rule with a dashboard.
  const grafana = {
    receiver: 'runbook',
    status: 'firing',
    orgId: 1,
    groupLabels: {},
    commonLabels: { team: 'blue' },
    commonAnnotations: {},
    externalURL: 'https://grafana.example.com/',
    title: '[FIRING:2] (blue)',
    message: '**Firing**',
    appVersion: '12.1.0',
    alerts: [
      {
        ...alert({ startsAt: '2026-11-29T12:00:00.051157076+02:00', endsAt: '0001-01-01T00:00:00Z' }),
        annotations: { runbook_url: 'https://r.example.com/runbooks/t/#a' },
        generatorURL: 'https://grafana.example.com/alerting/1afz29v7z/edit',
        silenceURL: 'https://grafana.example.com/alerting/silence/new?alertmanager=grafana',
        dashboardURL: '',
        panelURL: '',
        imageURL: '',
        valueString: '',
        values: { B: 22.98, C: 1 },
        orgId: 1,
      },
    ],
    version: '1',
    groupKey: 'x',
    truncatedAlerts: 3,
    state: 'alerting',
  }
  expect(await take(JSON.stringify(grafana))).toMatchObject({ new: 1, truncated: 3 })
  expect(readStoredAlert(state, '3f2a111111111111')?.proposal).toMatchObject({ slug: 't', step: 'a' })
})

test('a webhook of two thousand alerts is taken in a moment, and leaves time for other work', async () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    alert({ fingerprint: undefined, labels: { alertname: 'Down', index: String(index) } }),
  )
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const before = process.cpuUsage()
  expect(await take(body(...many), 10_000)).toMatchObject({ new: 2_000 })
  const { user, system } = process.cpuUsage(before)
  clearInterval(timer)
  expect(user + system).toBeLessThan(10_000_000)
  expect(turns).toBeGreaterThan(20)
})

test('only a webhook of version 4 or 1 is taken', () => {
  for (const wrong of [
    '',
    '[]',
    'null',
    '{"version":"3","alerts":[]}',
    body({ labels: { a: 1 } }),
    body({ labels: [] }),
    '{"version":"4"}',
  ])
    expect(readWebhook(wrong)).toHaveProperty('problem')
})

test('a request that is not a webhook is refused, each for its reason', async () => {
  const send = await listen()
  expect(await send()).toBe(200)
  expect(await send({ path: '/healthz', method: 'GET' })).toBe(200)
  expect(await send({ path: '/other' })).toBe(404)
  expect(await send({ method: 'GET' })).toBe(405)
  expect(await send({ body: 'x'.repeat(1001) })).toBe(413)
  expect(await send({ body: '{}' })).toBe(400)
  expect(await send({ headers: { 'content-type': 'text/plain' } })).toBe(415)
  expect(await send({ headers: { origin: 'https://evil.example' } })).toBe(403)
})

test('on loopback only a name of this machine is answered, so no page of another site can send', async () => {
  await listen()
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((answered, failed) => {
      get(`${servers[0]?.origin}/healthz`, { headers: { host } }, (response) => {
        response.resume()
        answered(response.statusCode)
      }).on('error', failed)
    })
  expect(await statusFor('localhost:9093')).toBe(200)
  expect(await statusFor('evil.example')).toBe(421)
})

test('without the secret nothing is taken, and the secret may come in either form', async () => {
  const send = await listen({ credentials: { secret: 'correct horse battery', basic: 'am:staple-staple' } })
  expect(await send()).toBe(401)
  expect(await send({ headers: { authorization: 'Bearer correct horse' } })).toBe(401)
  expect(await send({ headers: { authorization: 'Bearer correct horse battery' } })).toBe(200)
  expect(await send({ headers: { authorization: `Basic ${btoa('am:staple-staple')}` } })).toBe(200)
  expect(mayEnter(undefined, { secret: '' })).toBe(false)
})

test('too many requests are turned away until time has passed', () => {
  let now = 0
  const allowed = makeRateLimit(60, () => now)
  expect(Array.from({ length: 8 }, allowed)).toEqual([true, true, true, true, true, true, false, false])
  now += 1000
  expect([allowed(), allowed()]).toEqual([true, false])
})

test('who does not know the secret cannot use up the requests of who does', async () => {
  const send = await listen({ credentials: { secret: 'correct horse battery' }, rate: 10, now: () => 0 })
  const authorization = 'Bearer correct horse battery'
  expect([await send(), await send(), await send({ headers: { authorization } })]).toEqual([401, 429, 200])
  expect(await send({ headers: { authorization } })).toBe(429)
})

test('a failure to keep an alert is answered so that the sender tries again', async () => {
  const send = await listen({ receive: () => Promise.reject(new Error('disk full')) })
  expect(await send()).toBe(500)
})

const step = (id: string, effect: string, kind = 'command', attributes = {}) => ({
  id,
  effect,
  kind,
  attributes,
})
const plan = (...steps: object[]) => ({ steps }) as unknown as Plan
const guard = ({ kind }: { kind: string }) => kind === 'approval'

test('only the reading steps from where the alert leads run by themselves, as far as the first that does more', () => {
  const steps = plan(
    step('a', 'write'),
    step('b', 'read'),
    step('c', 'read'),
    step('d', 'write'),
    step('e', 'read'),
  )
  expect(diagnosisSteps(steps, 'b', guard)).toEqual(['b', 'c'])
  expect(diagnosisSteps(steps, '', guard)).toEqual([])
  expect(diagnosisSteps(steps, 'nothing', guard)).toEqual([])
  expect(diagnosisSteps(plan(step('g', 'none', 'approval'), step('b', 'read')), 'b', guard)).toEqual([])
  expect(
    diagnosisSteps(plan(step('a', 'read'), step('b', 'read', 'command', { confirm: 'x' })), '', guard),
  ).toEqual(['a'])
  expect(diagnosisSteps(plan(step('a', 'read', 'gate')), '', guard)).toEqual([])
})

test('diagnoses run a few at a time, and too many are not kept waiting', async () => {
  const queue = makeQueue(1, 1)
  const gate = Promise.withResolvers<void>()
  const order: string[] = []
  expect(queue.add(() => gate.promise.then(() => void order.push('a')))).toBe(true)
  expect(queue.add(() => Promise.resolve(void order.push('b')))).toBe(true)
  expect(queue.add(() => Promise.resolve(void order.push('c')))).toBe(false)
  gate.resolve()
  await queue.idle()
  expect(order).toEqual(['a', 'b'])
  expect(makeQueue(0, 9).add(() => Promise.resolve())).toBe(false)
})
