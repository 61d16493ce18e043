import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRun } from '../../runner/journal/record/run-store.ts'
import { startLoad } from '../../scripts/lab/load.ts'
import { cleanUp, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { launch } from '../site/support/browser.ts'
import { agentOf } from '../support/agents/agent.ts'
import type { Agent, Answer } from '../support/agents/agent.ts'
import { authenticator } from '../support/passkey.ts'
import { frames, startActing } from '../support/servers/acting.ts'
import type { ActingServer } from '../support/servers/acting.ts'
import { serving } from '../support/started.ts'
import { runIn } from '../support/workspace.ts'

const root = resolve('.')
const approvers: Readonly<Record<string, string>> = {
  'sign-qa': 'carol@example.com',
  'sign-security': 'bob@example.com',
  go: 'dana@example.com',
}

let lab: RunningLab
let load: ReturnType<typeof startLoad>
let browser: Browser
let page: Page
let server: ActingServer
let agent: Agent
let env: Record<string, string>

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir)
  load = startLoad(Number(new URL(lab.url).port), 100)
  browser = await launch()
  page = await (await browser.newContext()).newPage()
  await authenticator(page)
  const key = join(dir, 'alice')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const signers = join(dir, 'allowed_signers')
  writeFileSync(signers, `alice@example.com ${readFileSync(`${key}.pub`, 'utf8')}`)
  for (const person of Object.values(approvers)) appendFileSync(signers, await passkeyOf(person))
  env = { RUNBOOK_STATE: join(dir, 'state'), RUNBOOK_SIGNING_KEY: key, RUNBOOK_ALLOWED_SIGNERS: signers }
  for (const [file, text] of Object.entries(frames(['release-checklist']))) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  server = await startActing({ root }, env, join(dir, 'site'))
  const [name = '', value = ''] = server.cookie.split('=')
  await page.context().addCookies([{ name, value, url: server.origin + server.folder }])
  agent = await agentOf({ root }, ['--allow-exec', 'real', '--runbooks', 'release-checklist'], env)
})

afterAll(async () => {
  await agent?.[Symbol.asyncDispose]()
  await browser?.close()
  await server?.stop()
  load?.stop()
  await cleanUp()
})

/** Makes a passkey of a person in the browser; their line of allowed_signers. */
async function passkeyOf(person: string): Promise<string> {
  await using adding = await serving(root, ['keys', 'add', '--browser'], {
    RUNBOOK_ACTOR: person,
    RUNBOOK_SIGNING_KEY: 'none',
  })
  await page.goto(adding.address)
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Signed.').waitFor()
  return (await adding.ended).stdout
}

/** The act that a person does on the page, for what the task of the agent names. */
async function answer(run: string, { step, question }: Answer): Promise<void> {
  const approver = approvers[String(step)]
  if (approver === undefined) {
    const form = await server.form(`runs/${run}/`, '/answer')
    await server.post(form, { answer: /^Run \S+\?$/m.test(String(question)) ? 'run' : 'done' })
    return
  }
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  await page.getByRole('link', { name: `Decide as ${approver} with a passkey` }).click()
  await page.getByLabel('Reason').fill('I read it')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText(`Signed as ${approver}`).waitFor()
}

test('an agent takes a release to its approvals, passkeys of people approve it, and its task completes', async () => {
  const began = Date.now()
  const inputs = {
    version: '1.4.0',
    lab: lab.admin,
    site: lab.url,
    preset: 'lab',
    changes: 'p95=10s p99=10s',
    repository: join(lab.dir, 'storefront'),
    out: join(lab.dir, 'out'),
  }
  expect((await agent.call('list_runbooks'))['runbooks']).toContainEqual(
    expect.objectContaining({ slug: 'release-checklist', valid: true }),
  )
  const plan = await agent.call('plan', { runbook: 'release-checklist', inputs })
  expect(plan['steps']).toContainEqual(
    expect.objectContaining({ id: 'go', waitsFor: 'a person', approvers: 'release-manager' }),
  )
  const started = await agent.call('exec', { runbook: 'release-checklist', inputs, digest: plan['digest'] })
  const run = String(started['task'].taskId)
  const asked: string[] = []
  let task: Answer = started['task']
  for (let last = ''; !['completed', 'failed', 'cancelled'].includes(task['status']); await sleep(50)) {
    task = (await agent.call('run_status', { run }))['task']
    if (task['status'] !== 'input_required') continue
    const { step, question } = task['forPerson']
    if (question === last || step === '') continue
    await answer(run, task['forPerson'])
    asked.push(step)
    last = question
  }
  expect(task, JSON.stringify(asked)).toMatchObject({ status: 'completed' })
  expect(asked).toEqual(expect.arrayContaining(['deploy', ...Object.keys(approvers)]))
  const { events } = readRun(env['RUNBOOK_STATE'] ?? '', run)
  expect(events[0]?.actor).toMatchObject({ id: 'alice@example.com', via: 'agent', client: 'test-agent' })
  const decisions = events.filter(({ type }) => type === 'approval-given')
  expect(decisions.map(({ actor }) => [actor.id, actor.via])).toEqual(
    Object.values(approvers).map((person) => [person, 'browser']),
  )
  expect((await runIn(root, ['verify', run, '--json'], env)).code).toBe(0)
  expect(Date.now() - began).toBeLessThan(90_000)
})
