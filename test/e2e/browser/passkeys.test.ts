import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { launch } from '../../site/support/browser.ts'
import { authenticator } from '../../support/passkey.ts'
import { frames, startActing } from '../../support/servers/acting.ts'
import type { ActingServer } from '../../support/servers/acting.ts'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { serving } from '../../support/started.ts'
import { commandStep, page as runbookOf } from '../../support/workspace.ts'

interface Seat {
  context: BrowserContext
  page: Page
}

let browser: Browser
let space: SignedSpace
let server: ActingServer
let alice: Seat
let bob: Seat

/** A browser of one person, whose passkey the list of signers has. */
async function seat(person: string): Promise<Seat> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
  const page = await context.newPage()
  await authenticator(page)
  const env = { RUNBOOK_ACTOR: person, RUNBOOK_SIGNING_KEY: 'none' }
  await using adding = await serving(space.root, ['keys', 'add', '--browser'], env)
  await page.goto(adding.address)
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Signed.').waitFor()
  const { stdout } = await adding.ended
  const file = join(space.root, 'allowed_signers')
  writeFileSync(file, readFileSync(file, 'utf8') + stdout)
  return { context, page }
}

/** Lets the browser of a seat in. */
async function letIn({ context }: Seat, cookie: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=')
  await context.addCookies([{ name, value, url: server.origin + server.folder }])
}

beforeAll(async () => {
  browser = await launch()
  space = signedSpace()
  const go = '<Approval id="go" title="Go" approvers="bob@example.com">\nRead it.\n</Approval>'
  const steps = `${commandStep('build', 'echo built')}\n${go}\n`
  const files = { 'content/runbooks/x.mdx': runbookOf(steps, 'presence: verified\n'), ...frames(['x']) }
  for (const [path, text] of Object.entries(files)) space.write(path, text)
  alice = await seat('alice@example.com')
  bob = await seat('bob@example.com')
  server = await startActing(space, { RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_SIGNING_KEY: 'alice' })
  await letIn(alice, server.cookie)
  await letIn(bob, await server.another())
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  space?.[Symbol.dispose]()
})

test('where presence is asked for, the operator and a second person sign on the page, each with a passkey', async () => {
  const base = server.origin + server.folder
  await alice.page.goto(`${base}runbooks/x/`)
  await alice.page.getByRole('button', { name: 'Run it' }).click()
  await alice.page.waitForURL(/\/runs\/[\w-]+\/$/)
  const address = alice.page.url()
  const run = address.split('/').at(-2) ?? ''
  await expect.poll(async () => (await server.send(`runs/${run}/`)).text).toContain('Run build?')
  await alice.page.goto(address)
  await alice.page.getByRole('button', { name: 'Run it' }).click()
  expect(await alice.page.locator('#shown').textContent()).toMatch(/echo built[\s\S]*answer: run/)
  await alice.page.getByRole('button', { name: 'Sign the answer' }).click()
  await alice.page.getByText('Signed.').waitFor()

  await expect.poll(async () => (await server.send(`runs/${run}/`)).text).toContain('with a passkey')
  await bob.page.goto(address)
  await bob.page.getByRole('link', { name: 'Decide as bob@example.com with a passkey' }).click()
  await bob.page.getByLabel('Reason').fill('I read it')
  await bob.page.getByRole('button', { name: 'Approve' }).click()
  await bob.page.getByText('Signed as bob@example.com').waitFor()
  const state = join(space.root, '.runbook')
  await expect.poll(() => readRun(state, run).state.status).toBe('succeeded')
  const { events } = readRun(state, run)
  expect(
    events
      .filter(({ data }) => typeof data['sig'] === 'string')
      .map(({ type, actor }) => [type, actor.id, actor.via]),
  ).toEqual([
    ['step-confirmed', 'alice@example.com', 'browser'],
    ['approval-given', 'bob@example.com', 'browser'],
  ])
  await expect.poll(async () => (await space.as('alice', ['verify', run])).code).toBe(0)
})
