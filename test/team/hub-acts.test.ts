import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import axe from 'axe-core'
import type { Browser as Chromium, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseEvents } from '../../runner/journal/record/read-journal.ts'
import type { TeamPort } from '../../runner/team/port.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { launch } from '../site/support/browser.ts'
import { enter, hubOptions, startHub } from '../support/hub/hub.ts'
import type { TestHub } from '../support/hub/hub.ts'
import { hubOrigin, startFaultyProvider } from '../support/hub/provider.ts'
import type { FaultyProvider } from '../support/hub/provider.ts'
import { tlsFront } from '../support/hub/tls-front.ts'
import type { Front } from '../support/hub/tls-front.ts'
import { authenticator } from '../support/passkey.ts'
import { frames } from '../support/servers/acting.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { commandStep, page as runbookOf } from '../support/workspace.ts'

let database: Postgres
let provider: FaultyProvider
let space: Team
let runners: Runner[]
let hub: TestHub
let front: Front
let chromium: Chromium
let page: Page
let token: string
let port: TeamPort

const undo = '\n```bash undo\necho undone >> "$EFFECTS"\n```\n'
const steps = [
  commandStep('first', 'echo first >> "$EFFECTS"', '', undo),
  '<Ask id="colour" title="Colour" outputs="colour">\n\n```yaml\ncolour: { type: choice, options: [red, blue] }\n```\n\n</Ask>\n',
  commandStep('last', 'echo "last $RUNBOOK_ACTOR" >> "$EFFECTS"'),
].join('\n')

beforeAll(async () => {
  database = await startPostgres(['a', 'b'])
  await database.query('create role hub login')
  await database.query('grant runbook_hub to hub')
  provider = await startFaultyProvider()
  const person = (name: string): string =>
    `  ${name}@example.com:\n    roles: [operator]\n    logins: [{ issuer: "${provider.issuer}", subject: ${name} }]\n`
  const inputs = 'requires: { env: [EFFECTS] }\ninputs:\n  version: { type: string }\n'
  space = team(database, ['a', 'b'], {
    'content/runbooks/release.mdx': runbookOf(steps, inputs),
    'content/runbooks/strict.mdx': runbookOf(steps, `presence: verified\n${inputs}`),
    'content/people.yaml': `people:\n${person('alice')}${person('bob')}rights:\n  operator: ["read:*", "run:*", "answer:*", "stop:*"]\n`,
    ...frames(['release', 'strict']),
  })
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE' }, hub: ${JSON.stringify(hubOptions(provider.issuer))} }\n`,
  )
  runners = ['a', 'b'].map((name) => space.start(name))
  await until(() => runners.every((one) => one.said().includes('takes orders')), said)
  const state = { RUNBOOK_STATE: `${space.root}/machines/hub` }
  hub = await startHub(space, { TEAM_DATABASE: database.url('hub'), ...state })
  port = await space.port('hub')
  front = await tlsFront(space.root, new URL(hubOrigin).host, hub.port)
  chromium = await launch(front.options)
  page = await seat('alice')
  token = await tokenOf('alice')
})

afterAll(async () => {
  await chromium?.close()
  await front?.close()
  await port?.close()
  await hub?.close()
  await provider?.close()
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

const said = (): string => runners.map((one) => one.said()).join('\n')

/** A browser in which a person signed in, with the passkey that they made on the page of the hub. */
async function seat(name: string): Promise<Page> {
  const opened = await seatWithoutPasskey(name)
  await authenticator(opened)
  await opened.goto(`${hubOrigin}/account/passkey`)
  await opened.getByRole('button', { name: 'Make a passkey' }).click()
  const line = await opened.locator('#given:not(:empty)').textContent()
  const file = join(space.root, 'allowed_signers')
  writeFileSync(file, `${readFileSync(file, 'utf8')}${line}\n`)
  return opened
}

async function tokenOf(name: string): Promise<string> {
  const browser = await enter(hub, provider, name)
  const scope = { kind: 'agent', scope: 'read:* run:* stop:*', label: 'x', days: '30' }
  const { text } = await browser.submit('/account/', 'account/tokens', scope)
  return /rbk_a_[a-z0-9]{12}_[\w-]{43}/.exec(text)?.[0] ?? text
}

/** Signs on the page that is open, and returns what it says. */
async function sign(at: Page = page): Promise<string> {
  await at.getByRole('button', { name: 'Sign it' }).click()
  return (await at.locator('#status[data-tone]:not([data-tone=""])').textContent()) ?? ''
}

/** A browser in which a person signed in, without a passkey. */
async function seatWithoutPasskey(name: string): Promise<Page> {
  const { cookies } = await enter(hub, provider, name)
  const context = await chromium.newContext()
  const session = [...cookies].map(([cookie, value]) => ({ name: cookie, value, url: hubOrigin }))
  await context.addCookies(session.map((one) => ({ ...one, secure: true })))
  return await context.newPage()
}

async function order(): Promise<string> {
  await page.goto(`${hubOrigin}/runbooks/release/`)
  await page.getByLabel(/version/).fill('1.0.0')
  await page.getByRole('button', { name: 'Order it…' }).click()
  expect(await page.locator('#shown').textContent()).toContain('version = 1.0.0')
  expect(await sign()).toContain('is ordered')
  return new URL(page.url()).pathname.split('/')[2] ?? ''
}

const rowOf = async (run: string) => (await port.runs({ run }))[0]
const waits = (run: string) =>
  until(async () => (await rowOf(run))?.waiting.startsWith('colour') === true, said)
const pathOf = (run: string): string => `${hubOrigin}/runs/${run.toLowerCase()}/`

const eventsOf = async (run: string) => parseEvents(Buffer.from((await port.events(run)).join('')), run)

/** Opens the page of a run, once it has a text. */
async function openRun(run: string, text: string, at: Page = page): Promise<void> {
  await until(async () => {
    await at.goto(pathOf(run))
    return (await at.getByText(text).count()) > 0
  }, said)
}

/** Rolls a run back on its page, again where the page was behind the run. */
async function rollBack(run: string, reason: string, at: Page = page): Promise<void> {
  await until(async () => {
    await openRun(run, 'Roll back…', at)
    await at.getByRole('link', { name: 'Roll back…' }).click()
    expect(await at.getByText('@runners').count()).toBe(0)
    await at.getByLabel(/^Reason/).fill(reason)
    await at.getByRole('button', { name: 'Roll it back' }).click()
    expect(await at.locator('#shown').textContent()).toContain('echo undone')
    if (!(await sign(at)).includes('goes on')) return false
    const isOver = async () => (await rowOf(run))?.state === 'ended'
    const isRefused = async () => (await port.answers(run)).at(-1)?.refused !== null
    await until(async () => (await isOver()) || (await isRefused()), said)
    return isOver()
  }, said)
}

test('an order of a person without a passkey leads to the page that makes one', async () => {
  const bob = await seatWithoutPasskey('bob')
  await bob.goto(`${hubOrigin}/runbooks/release/`)
  await bob.getByLabel(/version/).fill('1.0.0')
  await bob.getByRole('button', { name: 'Order it…' }).click()
  await bob.getByRole('link', { name: 'Make a passkey' }).click()
  expect(new URL(bob.url()).pathname).toBe('/account/passkey')
  await bob.context().close()
})

test('a person orders, takes over and rolls back by passkey on the pages of the hub', async () => {
  const run = await order()
  await waits(run)
  expect((await rowOf(run))?.statement).toContain('"shownSha256"')

  // Another person takes the watch over, and the run asks them.
  const bob = await seat('bob')
  await openRun(run, 'Take over the watch', bob)
  await bob.getByRole('button', { name: 'Take over the watch' }).click()
  expect(await sign(bob)).toContain('goes on')
  await until(
    async () =>
      (await eventsOf(run)).some(
        ({ type, actor }) => type === 'run-resumed' && actor.id === 'bob@example.com',
      ),
    said,
  )
  await waits(run)

  // Another runner goes on with it: its owner is alive, so the person says that they made sure.
  const was = (await rowOf(run))?.runner ?? ''
  await openRun(run, 'go on elsewhere', bob)
  await bob.locator('summary', { hasText: 'go on elsewhere' }).click()
  await bob.getByLabel(/^Reason/).fill('its machine goes away')
  await bob.getByLabel(/I have made sure/).check()
  await bob.getByRole('button', { name: 'Go on there' }).click()
  expect(await sign(bob)).toContain('goes on with the run')
  await until(async () => (await rowOf(run))?.runner !== was, said)
  await waits(run)

  await rollBack(run, 'the colour is wrong', bob)
  expect(space.effects()).toEqual(['first', 'undone'])
  const back = (await eventsOf(run)).find(({ type }) => type === 'rollback-started')
  expect(back).toMatchObject({ actor: { id: 'bob@example.com' }, data: { reason: 'the colour is wrong' } })
  const verified = await space.call(['verify', run, '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
})

test('the pages of the hub itself are read on a phone in both themes, and each leads to the others', async () => {
  const opened = await page.context().newPage()
  await opened.setViewportSize({ width: 360, height: 740 })
  await opened.goto(`${hubOrigin}/runbooks/release/`)
  const ways = ['Orders', 'Runners', 'Account']
  for (const name of ways) {
    await opened.getByRole('link', { name, exact: true }).click()
    await opened.getByRole('heading', { name, exact: true }).waitFor()
    expect(await opened.locator('nav [aria-current]').textContent()).toBe(name)
    expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    // Words of a table stand whole, not letter below letter.
    const narrow = 'td => td.textContent.trim().length > 2 && td.getBoundingClientRect().width < 100'
    expect(await opened.evaluate(`[...document.querySelectorAll('td')].filter(${narrow}).length`)).toBe(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.emulateMedia({ colorScheme })
      const client = await opened.context().newCDPSession(opened)
      // The policy of these pages allows no script; one of the browser's own console is not the page's.
      await client.send('Runtime.evaluate', { expression: axe.source })
      const { result } = await client.send('Runtime.evaluate', {
        expression: 'axe.run().then(({ violations }) => violations.map(({ id }) => id).join())',
        awaitPromise: true,
      })
      expect(result.value).toBe('')
    }
  }
  await opened.close()
})

test('a runner refuses a request to go on that is unsigned, altered, moved to another run, or given again', async () => {
  const [done] = await port.runs({ limit: 1 })
  const given = (await port.answers(done?.run ?? '')).find(({ topic }) => topic === 'rollback')
  const whole = JSON.parse(given?.answer ?? '{}') as { statement: string; signature: string }
  const { statement, signature } = whole
  // The runner of a run that has ended judges what is given again, and says why.
  await port.answer(randomUUID(), done?.run ?? '', 'rollback', whole)
  await until(async () => (await port.answers(done?.run ?? '', true)).length === 0, said)
  expect((await port.answers(done?.run ?? '')).at(-1)?.refused).toContain('moved on')
  await until(async () => (await rowOf(done?.run ?? ''))?.state === 'ended', said)
  const by = { id: 'alice@example.com', host: 'x', via: 'browser' }
  const run = await order()
  await waits(run)
  const before = (await port.events(run)).length
  const forged = [
    { by },
    { by, statement, signature },
    { by, statement: statement.replace(done?.run ?? '', run), signature },
    { by, statement: statement.replace('bob@', 'alice@'), signature },
  ]
  for (const one of forged)
    for (const topic of ['resume', 'rollback']) await port.answer(randomUUID(), run, topic, one)
  // A real request for this run: the others are told beside it.
  expect((await port.events(run)).length).toBe(before)
  await rollBack(run, 'enough')
  const answers = await port.answers(run)
  expect(answers.filter(({ refused }) => refused !== null).length).toBeGreaterThanOrEqual(forged.length * 2)
  expect(answers.filter(({ refused }) => refused === null)).toHaveLength(1)
})

test('a runbook that asks for presence on the own machine cannot be ordered on a page of the hub', async () => {
  await page.goto(`${hubOrigin}/runbooks/strict/`)
  await page.getByLabel(/version/).fill('1.0.0')
  await page.getByRole('button', { name: 'Order it…' }).click()
  expect(await page.locator('[role=alert]').textContent()).toContain('presence')
})

test('an agent at the hub plans and asks, a person signs and answers by passkey, and its task completes', async () => {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const address = new URL(`http://127.0.0.1:${hub.port}/mcp`)
  const fetchAs = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(init.headers))
    const body = typeof init.body === 'string' ? { body: init.body } : {}
    const reply = await hub.send(new URL(url).pathname, { method: init.method ?? 'GET', ...body, headers })
    const type = { 'content-type': String(reply.headers['content-type'] ?? 'text/plain') }
    return new Response(reply.text, { status: reply.status, headers: type })
  }
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(address, { fetch: fetchAs, requestInit }))
  const call = async (name: string, given: object): Promise<Record<string, any>> =>
    (await client.callTool({ name, arguments: { ...given } })).structuredContent ?? {}
  try {
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['list_runbooks', 'plan', 'exec', 'cancel']))
    expect(names).not.toEqual(expect.arrayContaining(['approve']))
    expect(names).not.toContain('resume')
    const inputs = { version: '2.0.0' }
    const plan = await call('plan', { runbook: 'release', inputs })
    const before = (await port.runs()).length
    const asked = await call('exec', { runbook: 'release', inputs, digest: plan['digest'] })
    expect(asked['task']).toMatchObject({
      status: 'input_required',
      forPerson: { mayDecide: ['alice@example.com'] },
    })
    const run = String(asked['task'].taskId)
    // Asked twice it is one request, and nothing is ordered before the person signs.
    await call('exec', { runbook: 'release', inputs, digest: plan['digest'] })
    expect((await port.runs()).length).toBe(before)

    await page.goto(asked['task'].forPerson.address)
    expect(await page.locator('#shown').textContent()).toContain('The agent token-')
    expect(await sign()).toContain('is ordered')
    const task = async () => (await call('run_status', { run }))['task']
    const answers = [
      ['first', { answer: 'run' }],
      ['colour', { value: 'blue' }],
      ['last', { answer: 'run' }],
    ] as const
    const alice = await enter(hub, provider, 'alice')
    for (const [step, answer] of answers) {
      await until(async () => (await task()).forPerson?.step === step, said)
      await until(async () => {
        const { status } = await alice.submit(new URL(pathOf(run)).pathname, '/answer', answer)
        return status === 303
      }, said)
    }
    await until(async () => (await task()).status === 'completed', said)
    const [first] = await eventsOf(run)
    expect(first?.actor).toMatchObject({ id: 'alice@example.com', client: expect.stringMatching(/^token-/) })
  } finally {
    await client.close()
  }
})

// Last, for the run that it orders keeps its key.
test('an order leads on to its run', async () => {
  const run = await order()
  const links = page.locator('.signing nav a')
  expect(await links.allTextContents()).toEqual(['Go on to the run'])
  expect(await links.last().getAttribute('href')).toBe(`/runs/${run.toLowerCase()}/`)
})
