import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { passkeyFromSpki, passkeyLine } from '../../runner/engine/sign/passkey.ts'
import { listen } from '../../runner/http/listen.ts'
import { signingApp } from '../../runner/http/signing-app.ts'
import type { Signed } from '../../runner/http/signing-app.ts'
import { readRun } from '../../runner/journal/record/run-store.ts'
import { namespaces } from '../../runner/journal/verify/evidence.ts'
import { orThrow, success } from '../../runner/model/problem.ts'
import { startLoad } from '../../scripts/lab/load.ts'
import { cleanUp, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { launch } from '../site/support/browser.ts'
import { buildSite } from '../site/support/build.ts'
import type { Built } from '../site/support/build.ts'
import { start } from '../support/live.ts'
import type { Live } from '../support/live.ts'
import { authenticator } from '../support/passkey.ts'
import { runIn } from '../support/workspace.ts'

const root = resolve('.')
const approvers = [
  ['sign-qa', 'carol@example.com'],
  ['sign-security', 'bob@example.com'],
  ['go', 'dana@example.com'],
] as const

let lab: RunningLab
let load: ReturnType<typeof startLoad>
let built: Built
let browser: Browser
let server: Live
let env: Record<string, string>
let phone: Page
let other: Page
let folder: string

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir)
  load = startLoad(Number(new URL(lab.url).port), 100)
  built = await buildSite('content/runbooks')
  expect(built.code, built.text).toBe(0)
  browser = await launch()
  const key = join(dir, 'alice')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const signers = join(dir, 'allowed_signers')
  phone = await pageOf({ viewport: { width: 360, height: 740 }, hasTouch: true })
  other = await pageOf({ viewport: { width: 1280, height: 900 } })
  writeFileSync(signers, `alice@example.com ${readFileSync(`${key}.pub`, 'utf8')}${await enrol()}`)
  env = { RUNBOOK_STATE: join(dir, 'state'), RUNBOOK_SIGNING_KEY: key, RUNBOOK_ALLOWED_SIGNERS: signers }
  server = start(root, ['serve', '--site', built.out, '--port', '0', '--json'], env)
  await letIn(phone, 'listening')
  await letIn(other, 'opened')
})

afterAll(async () => {
  await browser?.close()
  server?.child.kill('SIGINT')
  await server?.ended
  load?.stop()
  built?.remove()
  await cleanUp()
})

async function pageOf(options: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ serviceWorkers: 'block', ...options })
  return context.newPage()
}

/** Makes a passkey for each approver in the other browser, and returns their lines of allowed_signers. */
async function enrol(): Promise<string> {
  await authenticator(other)
  let signed: Signed | undefined
  let by = ''
  let origin = ''
  const enrolment = await listen(
    ({ port }) => {
      origin = `http://localhost:${port}`
      const ask = async () => ({ title: 'A passkey', shown: 'x', namespace: namespaces.approval, by })
      return signingApp({ origin, ask, take: async (answer) => ((signed = answer), success('Signed')) })
    },
    'localhost',
    0,
  )
  const lines: string[] = []
  for (const [, person] of approvers) {
    by = person
    await other.goto(origin)
    await other.getByRole('button', { name: 'Make a passkey' }).click()
    await other.getByText('Signed', { exact: true }).waitFor()
    const key = orThrow(passkeyFromSpki(Buffer.from(signed?.spki ?? '', 'base64url'), 'localhost'))
    lines.push(passkeyLine(person, [namespaces.approval], { key, credential: signed?.credential ?? '' }))
  }
  await enrolment.close()
  return `${lines.join('\n')}\n`
}

async function letIn(page: Page, type: string): Promise<void> {
  const { address } = JSON.parse(await server.line(`"type":"${type}"`)) as { address: string }
  await page.goto(address)
  await page.waitForURL(/~(?!open)/)
  folder = page.url()
}

/** Starts the release from the page of its runbook, with values of a link; the id of the run. */
async function startRelease(changes: string): Promise<string> {
  const values = {
    version: '1.4.0',
    lab: lab.admin,
    site: lab.url,
    preset: 'lab',
    changes,
    repository: join(lab.dir, 'storefront'),
    out: join(lab.dir, 'out'),
  }
  await phone.goto(`${folder}runbooks/release-checklist/?${String(new URLSearchParams(values))}`)
  expect(await phone.getByLabel(/^version/).inputValue()).toBe('1.4.0')
  await phone.waitForLoadState('networkidle')
  await phone.context().setOffline(true)
  await phone.getByRole('button', { name: 'Run it', exact: true }).click()
  await phone.getByText('This device is offline. Nothing was sent').waitFor()
  await phone.context().setOffline(false)
  await phone.getByRole('button', { name: 'Run it', exact: true }).click()
  await phone.waitForURL(/\/runs\/[\w-]+\/$/)
  return phone.url().split('/').at(-2) ?? ''
}

/** Answers everything the phone is asked, until the run asks for an approval or is over. */
async function answerAll(): Promise<void> {
  const card = phone.locator('.card.ask h2').first()
  const over = phone.locator('article:not([data-open])')
  for (;;) {
    await card.or(over).first().waitFor()
    if ((await over.count()) > 0) return
    const title = (await card.textContent()) ?? ''
    const answer = title.startsWith('Run ') ? 'Run it' : /^\d+\/\d+ /.test(title) ? 'Done' : undefined
    if (answer === undefined) return
    await phone.getByRole('button', { name: answer, exact: true }).click()
    await phone.locator('.card.ask h2', { hasText: title }).waitFor({ state: 'detached' })
  }
}

async function fault(kind: string, rate?: number): Promise<void> {
  const body = JSON.stringify({ kind, color: 'green', ...(rate === undefined ? {} : { rate }) })
  await fetch(`${lab.admin}/fault`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
}

async function isSound(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
  const [wide, seen] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, innerWidth]',
  )
  expect(wide).toBeLessThanOrEqual(seen)
}

const journalOf = (run: string) => readRun(env['RUNBOOK_STATE'] ?? '', run)

test('a release from a phone: a gate that fails, three passkeys of others, and the way back', async () => {
  const began = Date.now()
  const spoiled = await startRelease('look=500ms hold=5m')
  const gate = phone.locator('#gate-10[data-status=running]')
  const answering = answerAll()
  await gate.waitFor()
  await isSound(phone)
  await fault('latency', 1)
  await answering
  await phone.locator('.outcome', { hasText: 'rolled back' }).waitFor()
  expect(await phone.locator('#gate-10 .limit-text').first().textContent()).toContain('below')
  expect(journalOf(spoiled).state.status).toBe('rolled-back')
  await fault('none')

  const run = await startRelease('p95=10s p99=10s')
  await answerAll()
  for (const [step, person] of approvers) {
    await phone.locator(`#approval-${step}`).waitFor()
    await isSound(phone)
    await other.goto(`${folder}runs/${run}/`)
    await other.getByRole('link', { name: `Decide as ${person} with a passkey` }).click()
    await other.getByLabel('Reason').fill('I read it')
    await other.getByRole('button', { name: 'Approve' }).click()
    await other.locator('#status[data-tone=ok], #status[data-tone=good]').waitFor()
    await phone.locator(`#approval-${step}`).waitFor({ state: 'detached' })
  }
  await answerAll()
  await phone.locator('.outcome', { hasText: 'succeeded' }).waitFor()

  await phone.getByRole('link', { name: 'Roll back…' }).click()
  await isSound(phone)
  await phone.getByLabel('Reason').fill('It was a rehearsal')
  await phone.getByRole('button', { name: 'Roll it back' }).click()
  await phone.locator('.outcome', { hasText: 'rolled back' }).waitFor()
  expect(Date.now() - began).toBeLessThan(90_000)

  const { events } = journalOf(run)
  const approvals = events.filter(({ type }) => type === 'approval-given')
  expect(approvals.map(({ actor }) => [actor.id, actor.via])).toEqual(
    approvers.map(([, person]) => [person, 'browser']),
  )
  const bundle = join(lab.dir, 'bundle')
  expect((await runIn(root, ['export', run, '--output', bundle], env)).code).toBe(0)
  expect((await runIn(root, ['verify', run, '--json'], env)).code).toBe(0)
  execFileSync('sh', ['verify.sh'], { cwd: bundle, encoding: 'utf8' })
})
