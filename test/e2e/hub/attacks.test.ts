import { readFileSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { untilAsked } from '../../support/servers/acting.ts'
import { comeBack, enter, startHub } from '../../support/hub/hub.ts'
import type { Browser, TestHub } from '../../support/hub/hub.ts'
import { hubOrigin, startFaultyProvider } from '../../support/hub/provider.ts'
import type { FaultyProvider } from '../../support/hub/provider.ts'
import { people, teamSpace } from '../../support/hub/team-space.ts'
import type { Workspace } from '../../support/workspace.ts'

let provider: FaultyProvider
let space: Workspace
let hub: TestHub
let ada: Browser
let ben: Browser
let run: string
let runPath: string

const state = (): string => join(space.root, '.runbook')
const eventsOf = (): string[] => readRun(state(), run).events.map(({ type }) => type)

beforeAll(async () => {
  provider = await startFaultyProvider()
  space = teamSpace(provider.issuer)
  hub = await startHub(space)
  ada = await enter(hub, provider, 'ada')
  ben = await enter(hub, provider, 'ben')
  const started = await ada.submit('/runbooks/release-app/', 'start/release-app', {
    version: '1.0.0',
    '~do': 'run',
  })
  expect(started.status, started.text).toBe(303)
  runPath = String(started.headers['location'])
  run = readdirSync(join(state(), 'runs'))[0] ?? ''
  await untilAsked(space, run, 'tag#1/go')
})

afterAll(async () => {
  const by = { id: 'ada@example.com', host: 'x', via: 'browser' }
  if (run) postStop(join(state(), 'runs', run), by, '', true)
  await hub?.close()
  await provider?.close()
  space?.[Symbol.dispose]()
})

test('the run of a person who signed in is theirs', () => {
  expect(readRun(state(), run).events[0]?.actor).toMatchObject({ id: 'ada@example.com' })
})

describe('a request that is not one of a page of the hub does nothing', () => {
  let form: { action: string; fields: Record<string, string> }
  beforeAll(async () => {
    form = await ada.form(runPath, '/stop')
  })

  test.each([
    ['another host', { host: 'evil.example' }, 421],
    ['the host of a rebound name', { host: `localhost:1` }, 421],
    ['the host with a port', { host: 'hub.example:8443' }, 421],
    [
      'the host behind a proxy that is not there',
      { host: 'evil.example', 'x-forwarded-host': 'hub.example' },
      421,
    ],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    [
      'another port of the same site',
      { origin: 'https://hub.example:8443', 'sec-fetch-site': 'same-site' },
      403,
    ],
    ['no origin', { origin: undefined }, 403],
    ['an origin without a name', { origin: 'null' }, 403],
    ['a browser that does not say its site', { 'sec-fetch-site': undefined }, 403],
    ['plain text', { 'content-type': 'text/plain' }, 415],
    ['a form of files', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['no type', { 'content-type': undefined }, 415],
  ])('%s', async (_, headers: Record<string, string | undefined>, status) => {
    expect((await ada.post(form.action, form.fields, headers)).status).toBe(status)
  })

  test('another method, and a form that is too long', async () => {
    const headers = { cookie: cookieOf(ada), origin: hubOrigin }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])
      expect((await hub.send(runPath, { method, headers })).status).toBe(405)
    expect((await ada.post(form.action, { ...form.fields, x: 'x'.repeat(70_000) })).status).toBe(413)
  })

  test('a token in place of the cookie, or two cookies', async () => {
    const token = await newToken(ada, { kind: 'agent', scope: 'read:* run:* stop:*' })
    const sent = { cookie: '', authorization: `Bearer ${token}` }
    expect((await ada.post(form.action, form.fields, sent)).status).toBe(401)
    const twice = `${cookieOf(ada)}; __Host-rb=x`
    expect((await ada.post(form.action, form.fields, { cookie: twice })).status).toBe(400)
  })

  test('an upgrade to a web socket', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'x',
      cookie: cookieOf(ada),
    }
    const status = await new Promise((done) => {
      const sent = request({
        host: '127.0.0.1',
        port: hub.port,
        path: '/',
        headers: { host: 'hub.example', ...upgrade },
      })
      sent.once('upgrade', () => done(101))
      sent.once('response', (response) => done(response.statusCode))
      sent.end()
    })
    expect(status).not.toBe(101)
  })

  test('afterwards the run is where it was', () => {
    expect(eventsOf()).not.toContain('run-ended')
    expect(readdirSync(join(state(), 'runs', run))).not.toContain('stop.json')
  })
})

test('no page can be framed, no answer is stored, and evidence is not shown as a page of the hub', async () => {
  for (const path of ['/account/', runPath, '/login', '/callback', '/healthz', '/nothing']) {
    const { headers } = await ada.get(path)
    expect(headers['x-frame-options'], path).toBe('DENY')
    expect(headers['cache-control'], path).toMatch(/no-store/)
    expect(headers['access-control-allow-origin'], path).toBeUndefined()
  }
  const { text, headers } = await ada.get('/account/')
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
  )
  expect(text).not.toContain('<script')
})

test('a sign-in leads to a path of the hub and nowhere else', async () => {
  for (const next of [
    '//evil.example',
    'https://evil.example',
    String.raw`/\evil.example`,
    '/\t/evil.example',
    'x',
    '/%0d/',
  ]) {
    const browser = hub.browser()
    const { headers } = await browser.get(`/login?next=${encodeURIComponent(next)}`)
    const back = await browser.get(`/callback?${provider.answer(new URL(String(headers['location'])))}`)
    expect([next, back.status]).toEqual([next, 303])
    expect(new URL(String(back.headers['location']), hubOrigin).origin).toBe(hubOrigin)
  }
})

test('no token or cookie is in the store or the audit', async () => {
  const token = await newToken(ada, { kind: 'service', scope: 'read:*' })
  const files = readdirSync(join(state(), 'hub'), { recursive: true, withFileTypes: true })
  const texts = files
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
  // Behind its kind and its id; it may have the sign between them too.
  const secretPart = token.split('_').slice(3).join('_')
  expect(secretPart).toHaveLength(43)
  for (const secret of [token, secretPart, ada.cookies.get('__Host-rb') ?? ''])
    expect(texts.filter((text) => text.includes(secret))).toEqual([])
  expect(texts.length).toBeGreaterThan(3)
})

test('of fifty answers of the provider to one sign-in, one counts', async () => {
  const browser = hub.browser()
  const { headers } = await browser.get('/login')
  const query = provider.answer(new URL(String(headers['location'])))
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => hub.send(`/callback?${query}`, { headers: { cookie } })),
  )
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
})

test('a browser that did not begin a sign-in is not let in with the answer to another', async () => {
  const [victim, attacker] = [hub.browser(), hub.browser()]
  const { headers } = await attacker.get('/login')
  const query = provider.answer(new URL(String(headers['location'])))
  expect((await victim.get(`/callback?${query}`)).status).toBe(403)
  await victim.get('/login')
  expect((await victim.get(`/callback?${query}`)).status).toBe(403)
  expect(victim.cookies.has('__Host-rb')).toBe(false)
})

test('whoever may not see a runbook cannot tell its pages and runs from ones that are not there', async () => {
  const [dee, fay] = [await enter(hub, provider, 'dee'), await enter(hub, provider, 'fay')]
  const same = await dee.get('/runbooks/nothing/')
  expect(same.status).toBe(404)
  for (const path of ['/runbooks/db-restore/', '/runbooks/release-keys/', '/runs/20200101-000000-xxxx/'])
    expect(await bare(dee, path), path).toEqual(bareOf(same))
  for (const path of [runPath, `${runPath}changes`, `${runPath}checklist/`, `${runPath}rollback/`])
    expect(await bare(fay, path), path).toEqual(bareOf(same))
  expect((await dee.get(runPath)).status).toBe(200)
  // The same for acts.
  const form = await ada.form(runPath, '/stop')
  const there = await fay.post(`${runPath}stop`, form.fields)
  const nowhere = await fay.post('/runs/20200101-000000-xxxx/stop', form.fields)
  expect(bareOf(there)).toEqual(bareOf(nowhere))
  expect((await dee.post(`${runPath}stop`, form.fields)).status).toBe(403)
})

test('the list of runs has those that the person sees', async () => {
  expect((await ada.get('/runs/')).text).toContain(run.toLowerCase())
  space.write(
    'content/runbooks/release-app.mdx',
    readFileSync(join(space.root, 'content/runbooks/release-app.mdx'), 'utf8').replace(
      'title: Test',
      'title: Test\naccess: [approver]',
    ),
  )
  try {
    expect((await ada.get('/runs/')).text).not.toContain(run.toLowerCase())
    expect((await ada.get(runPath)).status).toBe(404)
    expect((await ben.get('/runs/')).text).toContain(run.toLowerCase())
  } finally {
    space.write(
      'content/runbooks/release-app.mdx',
      readFileSync(join(space.root, 'content/runbooks/release-app.mdx'), 'utf8').replace(
        '\naccess: [approver]',
        '',
      ),
    )
  }
  expect((await ada.get(runPath)).status).toBe(200)
})

test('another spelling of an address reaches nothing', async () => {
  const id = runPath.slice('/runs/'.length, -1)
  for (const path of [
    `//runs/${id}/`,
    `/runs//${id}/`,
    `/runs/${id}%2f`,
    `/runs/${id}/..%2f..%2f`,
    `/runs/${id}/evidence/%2e%2e/journal.jsonl`,
    `/runs/${id}/evidence/..%5cjournal.jsonl`,
    `/runs/${id}/evidence/%00`,
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/runs/..%252f..%252f',
  ]) {
    const { status } = await ada.get(path)
    expect([path, status]).toEqual([path, 404])
    expect([401, 404, 405]).toContain((await ada.post(path, {})).status)
  }
})

test('what a program printed is text on the page, and a file in the evidence', async () => {
  const answered = await ada.submit(runPath, '/answer', { answer: 'run' })
  expect(answered.status).toBe(303)
  await untilAsked(space, run, 'go/')
  const { text } = await ada.get(runPath)
  expect(text).not.toContain('<script>alert(1)')
  const file =
    /evidence\/([^"?#]+\.stdout)/.exec(text)?.[1] ??
    readdirSync(join(state(), 'runs', run, 'steps')).find((name) => name.endsWith('.stdout'))
  const evidence = await ada.get(`${runPath}evidence/steps/${file?.split('/').at(-1)}`)
  expect(evidence.headers['content-disposition']).toBe('attachment')
  expect(evidence.headers['content-security-policy']).toContain('sandbox')
  expect(evidence.headers['content-type']).toBe('application/octet-stream')
})

describe('an approval', () => {
  test('is not given by the person who runs it, nor at the page of another', async () => {
    const form = await ben.form(runPath, '/decide')
    expect((await ada.post(form.action, { ...form.fields, decision: 'approved' })).status).toBe(403)
    for (const person of ['ben%40example.com', 'BEN@example.com'])
      expect((await ada.get(`${runPath}sign/go/${person}`)).status).toBe(403)
    expect(eventsOf()).not.toContain('approval-given')
  })

  test('needs a sign-in of the last quarter of an hour', async () => {
    const form = await ben.form(runPath, '/decide')
    const before = hub.clock.now
    hub.clock.now = before + 16 * 60_000
    const { status, text } = await ben.post(form.action, { ...form.fields, decision: 'approved' })
    hub.clock.now = before
    expect([status, text]).toEqual([401, expect.stringContaining('nothing was done')])
  })

  test('with a form of another session does nothing', async () => {
    const form = await ben.form(runPath, '/decide')
    const other = await enter(hub, provider, 'ben')
    expect((await other.post(form.action, { ...form.fields, decision: 'approved' })).status).toBe(409)
  })

  test('sent 25 times at once counts once', async () => {
    const form = await ben.form(runPath, '/decide')
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => ben.post(form.action, { ...form.fields, decision: 'approved' })),
    )
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    await expect.poll(() => eventsOf().filter((type) => type === 'approval-given').length).toBe(1)
    expect(readRun(state(), run).events.find(({ type }) => type === 'approval-given')?.actor.id).toBe(
      'ben@example.com',
    )
  })

  test('shown before the run moved on does nothing afterwards', async () => {
    const form = { action: `${runPath}decide`, fields: {} }
    expect(
      (await ben.post(form.action, { ...form.fields, decision: 'rejected', reason: 'late' })).status,
    ).toBe(409)
  })
})

test('the stream of a run ends when the person may not see it any more', async () => {
  const gus = await enter(hub, provider, 'ben')
  const stream = await new Promise<IncomingMessage>((begun) => {
    const headers = { host: 'hub.example', cookie: cookieOf(gus) }
    request({ host: '127.0.0.1', port: hub.port, path: `${runPath}changes`, headers }, begun).end()
  })
  expect(stream.statusCode).toBe(200)
  const ended = new Promise<string>((done) => {
    stream.on('data', () => undefined).once('end', () => done('ended'))
  })
  space.write(
    'content/people.yaml',
    people(provider.issuer).replace('subject: ben', 'subject: ben-of-before'),
  )
  const { now } = Date
  Date.now = () => now() + 16_000
  try {
    expect(await ended).toBe('ended')
  } finally {
    Date.now = now
    space.write('content/people.yaml', people(provider.issuer))
  }
})

test('every act is in the audit, with who did it and how that is known, and the command line prints it', async () => {
  const { code, stdout } = await space.runbook(['hub', 'audit', '--json'])
  const { lines, problems } = JSON.parse(stdout) as { lines: Record<string, string>[]; problems: string[] }
  expect([code, problems]).toEqual([0, []])
  const told = (wanted: Record<string, string>): boolean =>
    lines.some((line) => Object.entries(wanted).every(([name, value]) => line[name] === value))
  const by = (name: string) => ({
    who: `${name}@example.com`,
    proof: 'session',
    by: `${provider.issuer} ${name}`,
  })
  expect(told({ ...by('ada'), act: 'sign-in', outcome: 'allowed' })).toBe(true)
  expect(told({ ...by('ada'), act: 'start', about: 'release-app', outcome: '303' })).toBe(true)
  expect(told({ ...by('ada'), act: 'answer', about: run, outcome: 'allowed' })).toBe(true)
  expect(told({ ...by('ada'), act: 'decide', about: run, outcome: 'forbidden' })).toBe(true)
  expect(told({ ...by('ben'), act: 'decide', about: run, outcome: '303' })).toBe(true)
  expect(told({ ...by('fay'), act: 'stop', about: run, outcome: 'unknown' })).toBe(true)
  expect(told({ who: '-', act: 'sign-in', outcome: 'refused: the browser did not begin it' })).toBe(true)
})

test('another process of the hub counts on, however often one is killed', async () => {
  const second = await startHub(space)
  try {
    const wrong = { authorization: `Bearer rbk_a_000000000000_${'x'.repeat(43)}` }
    const statuses: number[] = []
    for (let count = 0; count < 70; count++)
      statuses.push((await (count % 2 === 0 ? hub : second).send('/metrics', { headers: wrong })).status)
    expect(statuses.slice(0, 20).every((status) => status === 401)).toBe(true)
    expect(statuses.at(-1)).toBe(429)
  } finally {
    await second.close()
  }
})

function cookieOf(browser: Browser): string {
  return `__Host-rb=${browser.cookies.get('__Host-rb')}`
}

async function newToken(browser: Browser, fields: Record<string, string>): Promise<string> {
  const { text, status } = await browser.submit('/account/', 'account/tokens', {
    label: 'x',
    days: '30',
    ...fields,
  })
  expect(status, text).toBe(200)
  return /rbk_[sa]_[a-z0-9]{12}_[\w-]{43}/.exec(text)?.[0] ?? ''
}

async function bare(browser: Browser, path: string): Promise<object> {
  return bareOf(await browser.get(path))
}

function bareOf({ status, text, headers }: { status: number; text: string; headers: object }): object {
  const { date: _, ...others } = headers as Record<string, unknown>
  return { status, text, headers: others }
}

test('a provider that says another person has the address of one lets in neither', async () => {
  const browser = hub.browser()
  provider.fault = {
    claims: { sub: 'mallory', email: 'ada@example.com', email_verified: true, groups: ['operator', 'admin'] },
  }
  const { status, text } = await comeBack(browser, provider)
  provider.fault = {}
  expect([status, text]).toEqual([403, expect.stringContaining('mallory')])
})

test('a group that is called as a role gives nothing', async () => {
  const browser = hub.browser()
  provider.fault = { claims: { sub: 'fay', groups: ['operator', 'admin', 'approver'] } }
  await comeBack(browser, provider)
  provider.fault = {}
  expect((await browser.get('/account/')).text).toMatch(/Rights:\s+none/)
  expect((await browser.get('/admin/')).status).toBe(403)
})
