import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { cleanUp, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'
import { demoAnswers } from '../../scripts/programs/demo/answers.ts'
import { chooseSigners } from '../../scripts/programs/demo/signers.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'
import { startLoad } from '../../scripts/lab/load.ts'
import { sendPaced } from '../support/servers/clients.ts'

const LIMIT_MS = 240_000
vi.setConfig({ testTimeout: LIMIT_MS })

const root = fileURLToPath(new URL('../..', import.meta.url))
const answers = ['--yes', '--answers']
let lab: RunningLab
let env: Record<string, string>
let key: string
let flags: string[]
let spoiled: string[]
let load: ReturnType<typeof startLoad>

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir)
  key = join(dir, 'release-key')
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  load = startLoad(Number(new URL(lab.url).port), 100)
  env = { RUNBOOK_STATE: join(dir, 'state') }
  answers.push(join(dir, 'answers.yaml'))
  writeFileSync(join(dir, 'answers.yaml'), demoAnswers)
  const inputs = {
    version: '1.4.0',
    lab: lab.admin,
    site: lab.url,
    preset: 'lab',
    // Patient, so that a busy machine is neither too slow for a look nor a fault for the release.
    changes: 'p95=10s p99=10s',
    repository: join(dir, 'storefront'),
    out: join(dir, 'out'),
  }
  flags = given(inputs)
  // A gate that fails does so long before its time is up, however late the fault comes.
  spoiled = given({ ...inputs, changes: 'look=500ms hold=5m' })
})

afterEach(() => inject('none'))

afterAll(async () => {
  load.stop()
  await cleanUp()
})

const given = (inputs: Record<string, string>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])

const runbook = (args: string[], actor = 'alice@example.com'): Promise<Ran> =>
  runIn(root, args, { ...env, RUNBOOK_ACTOR: actor })

interface LabView {
  live: string
  traffic: { weights: { blue: number; green: number } }
  colors: { blue: { version: string }; green: { state: string; version: string | null } }
}

async function look(): Promise<LabView> {
  return (await (await fetch(`${lab.admin}/state`)).json()) as LabView
}

const tags = (): string =>
  spawnSync('git', ['-C', join(lab.dir, 'storefront'), 'tag', '-l', 'v1.4.0'])
    .stdout.toString()
    .trim()

interface Standing {
  ran: Ran | undefined
  view: LabView
  tags: string
}

/** Does something for the first test that asks for it, so that each test passes alone. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

const standing = async (ran: Ran | undefined): Promise<Standing> => ({
  ran,
  view: await look(),
  tags: tags(),
})

/** The release of 1.4.0 up to the go. */
const waiting = once(async () => standing(await runbook(['exec', 'release-checklist', ...flags, ...answers])))

/** The whole release of 1.4.0. */
const released = once(async () => {
  await waiting()
  let ran: Ran | undefined
  for (const { step, actor } of chooseSigners(join(root, 'content/people.yaml'), 'alice@example.com')) {
    expect((await runbook(['approve', 'last', step, '--yes'], actor)).code).toBe(0)
    ran = await runbook(['resume', 'last', ...answers])
  }
  expect(ran?.code, ran?.stderr).toBe(0)
  return standing(ran)
})

test('until the go the release has half of the traffic, and the live color is the old one', async () => {
  const { ran, view, tags: tagged } = await waiting()
  expect(ran?.stderr).toContain('needs an approval by qa')
  expect(ran?.code).toBe(5)
  expect(view.traffic.weights).toEqual({ blue: 50, green: 50 })
  expect(view.colors.green.version).toBe('1.4.0')
  expect(tagged).toBe('')
})

test('after the go the release has all the traffic, and the commit is tagged', async () => {
  const { view, tags: tagged } = await released()
  expect(view.traffic.weights).toEqual({ blue: 0, green: 100 })
  expect(tagged).toBe('v1.4.0')
})

test('the run tags and writes its own release, whose notes have its approvals and the figures of its gates', async () => {
  await released()
  const [run = ''] = listRuns(env['RUNBOOK_STATE'] ?? '')
  const folder = join(lab.dir, 'out/release-1.4.0')
  const summed = spawnSync('sha256sum', ['--quiet', '--strict', '-c', 'SHA256SUMS'], { cwd: folder })
  expect(summed.status, summed.stdout.toString()).toBe(0)
  const metadata = JSON.parse(readFileSync(join(folder, 'release-metadata.json'), 'utf8')) as object
  expect(metadata).toMatchObject({
    version: '1.4.0',
    runId: run,
    checkedBy: { runbook: 'release-checklist', run, ended: false },
    sumsSigned: false,
  })
  const notes = readFileSync(join(folder, 'RELEASE_NOTES.md'), 'utf8')
  expect(notes).toContain(`A step of the run \`${run}\` of \`release-checklist\` made this release`)
  for (const { actor } of chooseSigners(join(root, 'content/people.yaml'), 'alice@example.com'))
    expect(notes).toContain(`| ${actor} | claimed |`)
  for (const gate of ['gate-10', 'gate-50'])
    expect(notes).toMatch(
      new RegExp(`\\| ${gate} \\| failed requests of the release \\| below 1% \\| 0 \\| \\d+ \\|`),
    )
})

test('the release pipeline makes what the checklist has checked, signed, and nothing else', async () => {
  await released()
  const release = (version: string, ...more: string[]) =>
    spawnSync(
      process.execPath,
      ['scripts/release-pipeline.ts', '--version', version, '--out', join(lab.dir, 'dist'), ...more],
      { cwd: root, encoding: 'utf8', env: { ...process.env, ...env, RELEASE_SIGNING_KEY: key } },
    )
  const checked = flags.map((flag) => (flag === '-i' ? '--input' : flag)).filter((_, index) => index > 1)
  const common = ['--repository', join(lab.dir, 'storefront'), '--skip-macos', '--skip-windows']
  const before = release('1.3.0', ...common, '--ref', 'v1.3.0', ...checked, '--allow-unsigned')
  expect([before.status, before.stderr]).toEqual([
    1,
    expect.stringContaining('was not checked: There is no completed'),
  ])
  const made = release('1.4.0', ...common, ...checked, '--allow-unsigned')
  expect(made.status, made.stderr).toBe(0)
  const folder = join(lab.dir, 'dist', 'release-1.4.0')
  const sums = readFileSync(join(folder, 'SHA256SUMS'))
  const verified = spawnSync(
    'bash',
    [
      '-c',
      'sha256sum --quiet -c SHA256SUMS && ssh-keygen -Y check-novalidate -n release@runbook -s SHA256SUMS.sig < SHA256SUMS',
    ],
    { cwd: folder, encoding: 'utf8' },
  )
  expect(verified.status, verified.stderr).toBe(0)
  const { version, commit, artifacts } = JSON.parse(
    readFileSync(join(folder, 'release-metadata.json'), 'utf8'),
  ) as { version: string; commit: string; artifacts: { name: string; size: number; sha256: string }[] }
  const notes = readFileSync(join(folder, 'RELEASE_NOTES.md'), 'utf8')
  expect(notes).toContain(`| storefront | ${version} | ${commit} |`)
  expect([...notes.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
    'In short',
    'Components',
    'What is new',
    'Technical changes',
    'How it was checked',
    'Testing',
    'Security',
    'Known issues',
    'What is next',
  ])
  expect(notes).toMatch(/in \d+ commits? since v1\.3\.0\./)
  const [archive] = artifacts
  expect(notes).toContain(`| ${archive?.name} | ${archive?.size} | ${archive?.sha256} |`)
  const again = release('1.4.0', ...common, ...checked, '--allow-unsigned')
  expect(again.stdout).toContain('= create-release')
  expect(readFileSync(join(folder, 'SHA256SUMS'))).toEqual(sums)
  writeFileSync(join(folder, 'notes.txt'), 'by hand')
  expect(release('1.4.0', ...common, ...checked, '--allow-unsigned').stdout).toContain(
    'not part of it: notes.txt',
  )
  rmSync(join(folder, 'RELEASE_NOTES.md'))
  const lost = release('1.4.0', ...common, ...checked, '--allow-unsigned')
  expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining('RELEASE_NOTES.md is missing')])
})

test('killed at any moment the release pipeline leaves a whole release or none, and the next run completes it', async () => {
  await released()
  const out = join(lab.dir, 'killed')
  const checked = flags.map((flag) => (flag === '-i' ? '--input' : flag)).slice(2)
  const args = [
    'scripts/release-pipeline.ts',
    '--version',
    '1.4.0',
    '--out',
    out,
    '--allow-unsigned',
    ...checked,
  ]
  args.push('--repository', join(lab.dir, 'storefront'), '--skip-macos', '--skip-windows')
  const options = {
    cwd: root,
    env: { ...process.env, ...env, RELEASE_SIGNING_KEY: key },
  }
  const release = join(out, 'release-1.4.0')
  const whole = (): boolean =>
    spawnSync('bash', ['-c', 'sha256sum --quiet --strict -c SHA256SUMS && test -s SHA256SUMS.sig'], {
      cwd: release,
    }).status === 0
  const started = performance.now()
  expect(spawnSync(process.execPath, args, options).status).toBe(0)
  const usual = performance.now() - started
  for (let turn = 0; turn < 6; turn++) {
    rmSync(out, { recursive: true })
    // From the middle on: what comes before only reads.
    const timeout = Math.round(usual * (0.5 + turn / 10))
    spawnSync(process.execPath, args, { ...options, timeout, killSignal: 'SIGKILL' })
    if (existsSync(release)) expect(whole()).toBe(true)
    else mkdirSync(out, { recursive: true })
  }
  expect(spawnSync(process.execPath, args, options).status).toBe(0)
  expect(whole()).toBe(true)
})

test('a rollback restores the old version: all traffic on blue, green stopped, no tag, no artifact', async () => {
  await released()
  const ran = await runbook(['rollback', 'last', '--yes', '--reason', 'a test'])
  expect(ran.code, ran.stderr).toBe(0)
  const { live, traffic, colors } = await look()
  expect(live).toBe('blue')
  expect(traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(colors.blue.version).toBe('1.3.0')
  expect(colors.green.state).toBe('stopped')
  expect(tags()).toBe('')
  expect(() => readFileSync(join(lab.dir, 'out', 'storefront-1.4.0', 'SHA256SUMS'))).toThrow()
})

async function inject(kind: string, rate?: number): Promise<void> {
  const response = await fetch(`${lab.admin}/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind, color: 'green', ...(rate === undefined ? {} : { rate }) }),
  })
  expect(response.status).toBe(200)
}

async function expectTakenBack(): Promise<void> {
  const { live, traffic, colors } = await look()
  expect(live).toBe('blue')
  expect(traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(colors.green.state).toBe('stopped')
}

/** Resolves once the gate of the newest run has looked for the first time. */
async function gateLooks(runsBefore: number): Promise<void> {
  const state = env['RUNBOOK_STATE'] ?? ''
  const looked = (): true | undefined => {
    const runs = listRuns(state)
    const [newest = ''] = runs
    if (runs.length === runsBefore || !existsSync(join(state, 'runs', newest, 'plan.json'))) return undefined
    return readRun(state, newest).events.some(({ type }) => type === 'gate-sampled') || undefined
  }
  expect(await waitFor(looked, LIMIT_MS / 2, 20)).toBe(true)
}

/** Runs the checklist, and spoils the release while its gate watches the first tenth of the traffic. */
async function releaseSpoiledAtTen(spoil: () => Promise<void>): Promise<Ran> {
  const runs = listRuns(env['RUNBOOK_STATE'] ?? '').length
  const run = runbook(['exec', 'release-checklist', ...spoiled, ...answers])
  const ended = run.then(({ stderr }): never => {
    throw new Error(`The run ended before its gate looked: ${stderr}`)
  })
  await Promise.race([gateLooks(runs), ended])
  ended.catch(() => undefined)
  await spoil()
  return run
}

test('a release that fails its smoke tests takes itself back before a user saw it', async () => {
  // Every second request: the one that reads the version back after the deploy is answered.
  await inject('errors', 0.5)
  const before = load.figures.failed
  const ran = await runbook(['exec', 'release-checklist', ...flags, ...answers])
  expect(ran.stderr).toContain('Step `smoke`')
  expect(ran.stderr).toContain('Rollback started')
  expect(ran.code).toBe(1)
  await expectTakenBack()
  expect(load.figures.failed).toBe(before)
})

test.each([
  ['latency', 1, /gate-10.* failed: 4 violations/],
  ['flap', undefined, /gate-10.* (failed: 4 violations|is inconclusive)/],
  ['crash', undefined, /gate-10.* is inconclusive: 5 errors in a row/],
] as const)(
  'with the fault %s at a tenth of the traffic the release takes itself back',
  async (kind, rate, why) => {
    const ran = await releaseSpoiledAtTen(() => inject(kind, rate))
    expect(ran.stderr).toMatch(why)
    expect(ran.stderr).toContain('Rolled back')
    await expectTakenBack()
  },
)

test('without traffic on the release the gate is inconclusive, and the release rolls itself back', async () => {
  await inject('no-traffic')
  const ran = await runbook(['exec', 'release-checklist', ...spoiled, ...answers])
  expect(ran.stderr).toMatch(/gate-10.* is inconclusive: no data 5 times in a row/)
  await expectTakenBack()
})

// Counted in requests and not in seconds, so that a slow machine proves the same as a fast one. Of the 900 requests after
// the fault 117 are of users on the release, and every twentieth of those fails: at most 6 of 3,700, which is 0.16 %.
test('5 % errors at a tenth of the traffic: the gate stops the release, which takes itself back, and less than 0.2 % of the requests fail', async () => {
  load.stop()
  const before = sendPaced(lab.url, { from: 0, to: 2800, perSecond: 400 })
  let after: typeof before | undefined
  const ran = await releaseSpoiledAtTen(async () => {
    await before
    await inject('errors', 0.05)
    after = sendPaced(lab.url, { from: 2800, to: 3700, perSecond: 400 })
  })
  expect(ran.stderr).toContain('Step `gate-10` failed: 4 violations, more than 3')
  expect(ran.code, ran.stderr).toBe(1)
  await expectTakenBack()
  expect(tags()).toBe('')
  expect(await before).toEqual({ sent: 2800, failed: 0 })
  const spoiledOnes = await after
  expect(spoiledOnes?.sent).toBe(900)
  expect(spoiledOnes?.failed).toBeGreaterThan(0)
  expect((spoiledOnes?.failed ?? Infinity) / 3700).toBeLessThan(0.002)
})
