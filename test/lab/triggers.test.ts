import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRuns } from '../../runner/journal/record/run-store.ts'
import { requestJson } from '../../scripts/lib/ask-json.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import { sendPaced } from '../support/servers/clients.ts'
import { type Ran, runIn } from '../support/workspace.ts'
import { patienceMs } from '../support/patience.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let lab: RunningLab
let state: string
let artifacts: string

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir)
  state = join(dir, 'state')
  artifacts = join(dir, 'artifacts')
  writeFileSync(join(dir, 'answers.yaml'), 'actor: bob@example.com\nanswers:\n  ready: done\n')
  const repository = join(dir, 'storefront')
  await runScript('build.ts', '--repository', repository, '--version', '1.4.0', '--out', artifacts)
})

afterAll(cleanUp)

beforeEach(async () => {
  await runScript('lab.ts', 'fault', 'none', '--lab', lab.admin)
})

/** How often the trigger of the newest run has said a word. */
function said(word: string): number {
  const folder = join(state, 'runs', listRuns(state)[0] ?? '', 'steps')
  const texts = globSync(join(folder, 'leave-ten.*stderr')).map((file) => readFileSync(file, 'utf8'))
  return texts.join('').split(word).length - 1
}

/** Starts a canary, and does something to it once it is left alone with a tenth of the users. */
async function canary(spoil: () => Promise<unknown>, more: Record<string, string> = {}): Promise<Ran> {
  const before = listRuns(state).length
  const inputs = { lab: lab.admin, site: lab.url, artifacts, version: '1.4.0', wait_canary: '5m', ...more }
  const flags = Object.entries({ preset: 'lab', changes: 'look=200ms', ...inputs }).flatMap(
    ([name, value]) => ['-i', `${name}=${value}`],
  )
  const args = ['exec', 'canary-rollout', ...flags, '--yes', '--answers', join(lab.dir, 'answers.yaml')]
  const run = runIn(root, args, { RUNBOOK_STATE: state, RUNBOOK_ACTOR: 'alice@example.com' })
  const alone = await waitFor(
    () => (listRuns(state).length > before && said('watching') > 0 ? true : undefined),
    120_000,
  )
  expect(alone).toBe(true)
  await spoil()
  return run
}

async function expectTakenBack(ran: Ran, why: RegExp, step = 'leave-ten'): Promise<void> {
  expect(ran.stderr).toContain(`Step \`${step}\``)
  expect(ran.stderr).toMatch(why)
  expect(ran.stderr).toContain('Rolled back')
  expect(ran.code).toBe(1)
  const { traffic, colors } = await lab.state()
  expect(traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(colors.green.state).toBe('stopped')
}

const fault = (...args: string[]) =>
  runScript('lab.ts', 'fault', ...args, '--color', 'green', '--lab', lab.admin)

test('health: a canary that crashes goes back at the third failed check, and no request fails', async () => {
  let sent: ReturnType<typeof sendPaced> | undefined
  const ran = await canary(async () => {
    await fault('crash')
    sent = sendPaced(lab.url, { from: 0, to: 500, perSecond: 400 })
  })
  await expectTakenBack(ran, /health: 3 checks failed in a row/)
  expect(await sent).toEqual({ sent: 500, failed: 0 })
})

// The trigger needs eleven failed requests, and of 200 requests 26 are of users on the canary: so many may fail at most
// of 13,200, which is 0.2 %.
test('errors: a canary goes back at the eleventh error in a hundred, with less than 0.2 % of the requests failed', async () => {
  const before = sendPaced(lab.url, { from: 0, to: 13_000, perSecond: 1000 })
  let after: typeof before | undefined
  const ran = await canary(async () => {
    expect(await before).toEqual({ sent: 13_000, failed: 0 })
    await fault('errors', '--rate', '80%')
    after = sendPaced(lab.url, { from: 0, to: 200, perSecond: 400 })
  })
  await expectTakenBack(ran, /errors: \d+(\.\d+)? in a hundred answers/)
  const { failed } = (await after) ?? { failed: Infinity }
  expect(failed).toBeGreaterThan(10)
  expect(failed / 13_200).toBeLessThan(0.002)
})

test('restarts: a canary that starts four times anew goes back, and no request fails', async () => {
  let sent: ReturnType<typeof sendPaced> | undefined
  // Rare looks: while it starts it is not ready, and three looks without an answer would be the other trigger.
  const ran = await canary(
    async () => {
      sent = sendPaced(lab.url, { from: 0, to: 1000, perSecond: 100 })
      const artifactDir = join(artifacts, 'storefront-1.4.0')
      for (let start = 1; start <= 4; start++) {
        await requestJson('POST', `${lab.admin}/deploy`, {
          body: { color: 'green', artifactDir, force: true },
        })
        await waitFor(() => (said('restarted') >= start ? true : undefined), patienceMs)
      }
    },
    { changes: 'look=4s' },
  )
  await expectTakenBack(ran, /restarts: 4 within five minutes/)
  expect(await sent).toEqual({ sent: 1000, failed: 0 })
})

test('memory: a canary that holds more than it may goes back', async () => {
  const ran = await canary(async () => undefined, { memory: '1' })
  await expectTakenBack(ran, /memory: \d+ bytes/)
})

test('blue-green has the triggers too: a version that holds more memory than it may goes back', async () => {
  const inputs = { lab: lab.admin, site: lab.url, artifacts, version: '1.4.0', hold: '5m', memory: '1' }
  const flags = Object.entries({ preset: 'lab', changes: 'look=200ms', ...inputs }).flatMap(
    ([name, value]) => ['-i', `${name}=${value}`],
  )
  const env = { RUNBOOK_STATE: state, RUNBOOK_ACTOR: 'alice@example.com' }
  await expectTakenBack(
    await runIn(root, ['exec', 'blue-green', ...flags, '--yes'], env),
    /memory: \d+ bytes/,
    'watch-10',
  )
})
