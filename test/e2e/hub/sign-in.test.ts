import { afterAll, beforeAll, expect, test } from 'vitest'
import { hubConfig, startHub } from '../../support/hub/hub.ts'
import type { TestHub } from '../../support/hub/hub.ts'
import { startProvider } from '../../support/hub/provider.ts'
import type { TestProvider } from '../../support/hub/provider.ts'
import { frames } from '../../support/servers/acting.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

let provider: TestProvider
let space: Workspace
let hub: TestHub

const people = (issuer: string): string => `people:
  ada@example.com:
    roles: [operator]
    logins: [{ issuer: "${issuer}", subject: ada }]
  erin@example.com:
    logins: [{ issuer: "${issuer}", subject: erin }]
rights:
  operator: ["read:*", "run:*", "answer:*", "stop:*"]
  on-call: ["read:*"]
groups:
  7f3a-on-call: [on-call]
`

beforeAll(async () => {
  provider = await startProvider()
  space = workspace({
    'runbook.config.ts': hubConfig(provider.issuer),
    'content/people.yaml': people(provider.issuer),
    'content/runbooks/one.mdx': page(commandStep('a', 'echo a')),
    ...frames(['one']),
  })
  hub = await startHub(space)
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  space?.[Symbol.dispose]()
})

test('a person signs in by the provider and sees the page they came for, with their name and rights', async () => {
  const browser = hub.browser()
  const first = await browser.get('/runbooks/one/?x=1')
  expect([first.status, first.headers['location']]).toEqual([303, '/login?next=%2Frunbooks%2Fone%2F%3Fx%3D1'])
  provider.account = 'ada'
  const { status, text } = await browser.signIn('/runbooks/one/?x=1')
  expect([status, text]).toEqual([200, expect.stringContaining('start/one')])
  const account = await browser.get('/account/')
  expect(account.text).toContain('<b>ada@example.com</b>')
  expect(account.text).toContain('<code>run:*</code>')
})

test('the cookie of a session is for this host alone, and neither script nor another site sends it', async () => {
  const browser = hub.browser()
  await browser.signIn()
  expect([...browser.cookies.keys()]).toEqual(['__Host-rb'])
  const login = await hub.send('/login')
  expect(String(login.headers['set-cookie'])).toMatch(
    /^__Host-rb-login=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
  )
  const address = new URL(String(login.headers['location']))
  expect(address.origin).toBe(provider.issuer)
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    redirect_uri: 'https://hub.example/callback',
    code_challenge_method: 'S256',
    response_type: 'code',
    max_age: '28800',
  })
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(address.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
})

test('an account that people.yaml does not list has no session, and is told which lines it lacks', async () => {
  provider.account = 'mallory'
  const browser = hub.browser()
  const { status, text } = await browser.signIn()
  expect([status, text]).toEqual([403, expect.stringContaining('subject: &quot;mallory&quot;')])
  expect(browser.cookies.has('__Host-rb')).toBe(false)
  provider.account = 'ada'
})

test('the group of the provider gives its roles for an hour', async () => {
  provider.account = 'erin'
  const browser = hub.browser()
  await browser.signIn()
  provider.account = 'ada'
  expect((await browser.get('/runbooks/one/')).status).toBe(200)
  hub.clock.now += 29 * 60_000
  expect((await browser.get('/runbooks/one/')).status).toBe(200)
  hub.clock.now += 29 * 60_000
  expect((await browser.get('/runbooks/one/')).status).toBe(200)
  hub.clock.now += 3 * 60_000
  expect((await browser.get('/runbooks/one/')).status).toBe(404)
  hub.clock.now = Date.now()
})

test('a session ends after half an hour without a request, and after eight hours in any case', async () => {
  const browser = hub.browser()
  await browser.signIn()
  hub.clock.now += 31 * 60_000
  expect((await browser.get('/account/')).status).toBe(303)
  hub.clock.now = Date.now()
  await browser.signIn()
  for (let hours = 0; hours < 8; hours += 0.25) {
    hub.clock.now += 15 * 60_000
    if (hours < 7.5) expect((await browser.get('/account/')).status).toBe(200)
  }
  hub.clock.now += 60_000
  expect((await browser.get('/account/')).status).toBe(303)
  hub.clock.now = Date.now()
})

test('a line that is removed from people.yaml ends the session with the next request', async () => {
  const browser = hub.browser()
  await browser.signIn()
  space.write(
    'content/people.yaml',
    people(provider.issuer).replace('subject: ada', 'subject: ada-of-before'),
  )
  expect((await browser.get('/account/')).status).toBe(303)
  space.write('content/people.yaml', people(provider.issuer))
  expect((await browser.get('/account/')).status).toBe(303)
})

test('signing out ends the session at the hub first, and names the way out of the provider', async () => {
  const browser = hub.browser()
  await browser.signIn()
  const copy = browser.cookies.get('__Host-rb') ?? ''
  const { status, text } = await browser.submit('/account/', '/logout')
  expect([status, text]).toEqual([200, expect.stringContaining(`${provider.issuer}/session/end`)])
  expect((await hub.send('/account/', { headers: { cookie: `__Host-rb=${copy}` } })).status).toBe(303)
})

test('two processes of a hub share sessions and forms, and a form acts once at both', async () => {
  const second = await startHub(space)
  try {
    const browser = hub.browser()
    await browser.signIn()
    const { action, fields } = await browser.form('/account/', '/logout')
    const cookie = { cookie: `__Host-rb=${browser.cookies.get('__Host-rb')}` }
    expect((await second.send('/account/', { headers: cookie })).status).toBe(200)
    const sent = {
      method: 'POST',
      body: String(new URLSearchParams(fields)),
      headers: {
        ...cookie,
        origin: 'https://hub.example',
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
      },
    }
    const answers = await Promise.all([second.send(action, sent), hub.send(action, sent)])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  } finally {
    await second.close()
  }
})

test('the provider signs with another key, and people go on to sign in', async () => {
  const before = hub.browser()
  expect((await before.signIn()).status).toBe(200)
  await provider.rotate()
  const after = hub.browser()
  // The list of keys is asked for again once it is a minute old.
  const [now] = [Date.now]
  Date.now = () => now() + 61_000
  try {
    expect((await after.signIn()).status).toBe(200)
  } finally {
    Date.now = now
  }
})

test('while the provider is away nobody signs in, and sessions go on', async () => {
  const browser = hub.browser()
  await browser.signIn()
  const { issuer } = provider
  await provider.close()
  const second = await startHub(space)
  try {
    expect((await browser.get('/account/')).status).toBe(200)
    const { status, text } = await second.send('/login')
    expect([status, text]).toEqual([503, expect.stringContaining('cannot be reached')])
    expect(issuer).toBe(provider.issuer)
  } finally {
    await second.close()
    provider = await startProvider()
  }
})
