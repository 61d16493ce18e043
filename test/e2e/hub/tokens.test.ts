import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enter, startHub } from '../../support/hub/hub.ts'
import type { Browser, Reply, TestHub } from '../../support/hub/hub.ts'
import { startFaultyProvider } from '../../support/hub/provider.ts'
import type { FaultyProvider } from '../../support/hub/provider.ts'
import { people, teamSpace } from '../../support/hub/team-space.ts'
import type { Workspace } from '../../support/workspace.ts'

let provider: FaultyProvider
let space: Workspace
let hub: TestHub
let ada: Browser
let cyd: Browser

beforeAll(async () => {
  provider = await startFaultyProvider()
  space = teamSpace(provider.issuer)
  hub = await startHub(space)
  ada = await enter(hub, provider, 'ada')
  cyd = await enter(hub, provider, 'cyd')
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  space?.[Symbol.dispose]()
})

async function make(browser: Browser, fields: Record<string, string>): Promise<string> {
  const { text } = await browser.submit('/account/', 'account/tokens', { label: 'x', days: '30', ...fields })
  return /rbk_[sa]_[a-z0-9]{12}_[\w-]{43}/.exec(text)?.[0] ?? text
}

const idOf = (token: string): string => token.split('_')[2] ?? ''

function ask(token: string, method: string, params: object = {}): Promise<Reply> {
  return hub.send('/mcp', {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
  })
}

async function call(token: string, name: string, given: object): Promise<Record<string, unknown>> {
  const { text, status } = await ask(token, 'tools/call', { name, arguments: given })
  const json = text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? '{}')
  const { result, error } = JSON.parse(json) as { result?: { structuredContent?: object }; error?: object }
  return { status, ...(error ? { error } : {}), ...result?.structuredContent }
}

const figures = (token: string): Promise<Reply> =>
  hub.send('/metrics', { headers: { authorization: `Bearer ${token}` } })

test('a token is shown once, and kept as a digest', async () => {
  const token = await make(ada, { kind: 'service', scope: 'read:*' })
  expect(token).toMatch(/^rbk_s_[a-z0-9]{12}_[\w-]{43}$/)
  expect((await ada.get('/account/')).text).not.toContain(token)
  expect((await ada.get('/account/')).text).toContain(idOf(token))
  const kept = readdirSync(join(space.root, '.runbook/hub/token')).map((name) =>
    readFileSync(join(space.root, '.runbook/hub/token', name), 'utf8'),
  )
  expect(kept.some((text) => text.includes(token))).toBe(false)
})

test('figures come in the format of OpenMetrics, for a token that may read every runbook', async () => {
  const { status, text, headers } = await figures(await make(ada, { kind: 'service', scope: 'read:*' }))
  expect([status, String(headers['content-type'])]).toEqual([
    200,
    expect.stringContaining('openmetrics-text'),
  ])
  expect(text).toMatch(/^runbook_hub_sessions 2$/m)
  expect(text.endsWith('# EOF\n')).toBe(true)
  expect((await figures(await make(ada, { kind: 'service', scope: 'read:release-*' }))).status).toBe(403)
})

test.each([
  ['nothing', { scope: ' ' }],
  ['a verb that there is not', { scope: 'write:*' }],
  ['the right of a runner', { scope: 'ship:*' }],
  ['a year', { scope: 'read:*', days: '365' }],
  ['no label', { scope: 'read:*', label: ' ' }],
])('a token for %s is not made', async (_, fields) => {
  expect(await make(ada, { kind: 'service', ...fields })).toContain('No token was made')
})

test('a request with a cookie or an origin is none of a program', async () => {
  const authorization = `Bearer ${await make(ada, { kind: 'service', scope: 'read:*' })}`
  for (const more of [{ cookie: 'a=b' }, { origin: 'https://hub.example' }])
    expect((await hub.send('/metrics', { headers: { authorization, ...more } })).status).toBe(400)
})

test('a token counts until it is revoked, by its owner or by an administrator', async () => {
  const own = await make(ada, { kind: 'service', scope: 'read:*' })
  const other = await make(ada, { kind: 'service', scope: 'read:*' })
  const revoke = async (browser: Browser, page: string, token: string): Promise<number> => {
    const { text } = await browser.get(page)
    const forms = [...text.matchAll(/<form[^>]* action="([^"]*revoke)"[^>]*>([\s\S]*?)<\/form>/g)]
    const [, action = '', inside = ''] = forms.find(([, , part = '']) => part.includes(idOf(token))) ?? []
    const fields = [...inside.matchAll(/name="([^"]*)"\s+value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    )
    return (await browser.post(action, Object.fromEntries(fields) as Record<string, string>)).status
  }
  expect((await figures(own)).status).toBe(200)
  expect(await revoke(ada, '/account/', own)).toBe(303)
  expect((await figures(own)).status).toBe(401)
  expect(await revoke(cyd, '/admin/', other)).toBe(303)
  expect((await figures(other)).status).toBe(401)
})

test('a token never does more than its owner may at that moment', async () => {
  const token = await make(ada, { kind: 'service', scope: 'read:*' })
  expect((await figures(token)).status).toBe(200)
  space.write('content/people.yaml', people(provider.issuer).replace('roles: [operator]', 'roles: [narrow]'))
  expect((await figures(token)).status).toBe(403)
  space.write('content/people.yaml', people(provider.issuer).replaceAll('ada', 'gil'))
  expect((await figures(token)).status).toBe(403)
  space.write('content/people.yaml', people(provider.issuer))
  expect((await figures(token)).status).toBe(200)
})

test('a token ends by itself, and one that was replaced goes on for a day', async () => {
  const token = await make(ada, { kind: 'service', scope: 'read:*', days: '2' })
  const { text } = await ada.get('/account/')
  const forms = [...text.matchAll(/<form[^>]* action="([^"]*replace)"[^>]*>([\s\S]*?)<\/form>/g)]
  const [, action = '', inside = ''] = forms.find(([, , part = '']) => part.includes(idOf(token))) ?? []
  const fields = [...inside.matchAll(/name="([^"]*)"\s+value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value],
  )
  const made = await ada.post(action, Object.fromEntries(fields) as Record<string, string>)
  const next = /rbk_s_[a-z0-9]{12}_[\w-]{43}/.exec(made.text)?.[0] ?? ''
  const start = hub.clock.now
  expect([(await figures(token)).status, (await figures(next)).status]).toEqual([200, 200])
  hub.clock.now = start + 25 * 3_600_000
  expect([(await figures(token)).status, (await figures(next)).status]).toEqual([401, 200])
  hub.clock.now = start + 49 * 3_600_000
  expect((await figures(next)).status).toBe(401)
  hub.clock.now = start
  // Its session ended meanwhile.
  ada = await enter(hub, provider, 'ada')
})

test('an agent gets the tools of `runbook mcp`, and sees and runs what its token and its person may', async () => {
  const reader = await make(ada, { kind: 'agent', scope: 'read:release-*' })
  const tools = (await ask(reader, 'tools/list')).text
  expect(tools).toContain('list_runbooks')
  expect(tools).not.toContain('"exec"')
  for (const deciding of ['approve', 'reject', 'answer', 'resolve', 'confirm'])
    expect(tools).not.toContain(`"${deciding}"`)
  const { runbooks } = (await call(reader, 'list_runbooks', {})) as { runbooks: { slug: string }[] }
  expect(runbooks.map(({ slug }) => slug)).toEqual(['release-app'])
  expect(await call(reader, 'read_runbook', { runbook: 'db-restore' })).toHaveProperty('problem')
  const service = await make(ada, { kind: 'service', scope: 'read:* run:*' })
  expect((await ask(service, 'tools/list')).text).not.toContain('"exec"')
})

test('an agent drives its own runs and those of no other, and nothing is shared between two', async () => {
  const [one, other] = [
    await make(ada, { kind: 'agent', scope: 'read:* run:* stop:*' }),
    await make(ada, { kind: 'agent', scope: 'read:* run:* stop:*' }),
  ]
  const plan = await call(one, 'plan', { runbook: 'release-app', inputs: { version: '2.0.0' } })
  expect(plan, JSON.stringify(plan)).toHaveProperty('digest')
  const started = await call(one, 'exec', {
    runbook: 'release-app',
    inputs: { version: '2.0.0' },
    digest: plan['digest'],
  })
  const { taskId = '' } = (started['task'] ?? {}) as { taskId?: string }
  expect(taskId, JSON.stringify(started)).not.toBe('')
  const [mine, others] = await Promise.all([
    call(one, 'cancel', { run: taskId }),
    call(other, 'cancel', { run: taskId }),
  ])
  expect(mine).toHaveProperty('task')
  expect(JSON.stringify(others['problem'])).toContain('another agent')
  const cancelled = await ask(other, 'tasks/cancel', { taskId })
  expect(cancelled.text).not.toContain('"status"')
  const lines = JSON.parse((await space.runbook(['hub', 'audit', '--json', '--about', taskId])).stdout) as {
    lines: Record<string, string>[]
  }
  expect(lines.lines.filter(({ act }) => act === 'mcp.cancel').map(({ by }) => by)).toContain(idOf(other))
})

test('a message that is too deep or too long takes the hub less than two seconds', async () => {
  const token = await make(ada, { kind: 'agent', scope: 'read:*' })
  const before = process.cpuUsage()
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json',
  }
  const deep = '['.repeat(100_000)
  expect((await hub.send('/mcp', { method: 'POST', body: deep, headers })).status).toBeGreaterThanOrEqual(400)
  const long = JSON.stringify({ x: 'x'.repeat(300_000) })
  expect((await hub.send('/mcp', { method: 'POST', body: long, headers })).status).toBe(413)
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
})
