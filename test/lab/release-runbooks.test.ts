import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { splitFrontmatter } from '../../runner/model/text/frontmatter.ts'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'
import { patienceMs } from '../support/patience.ts'

// A busy machine takes a minute for what takes ten seconds on another.
vi.setConfig({ testTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
let lab: RunningLab
let state: string
let artifacts: string
let answers: string

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir, '--load', '200')
  state = join(dir, 'state')
  artifacts = join(dir, 'artifacts')
  answers = join(dir, 'answers.yaml')
  const ticked = ['ready', 'daily', 'after', 'fixed', 'triage', 'close']
    .map((step) => `  ${step}: done`)
    .join('\n')
  writeFileSync(answers, `actor: bob@example.com\nanswers:\n${ticked}\n`)
  await runScript(
    'build.ts',
    '--repository',
    join(dir, 'storefront'),
    '--version',
    '1.4.0',
    '--out',
    artifacts,
  )
})

afterAll(cleanUp)

const runbook = (args: string[], actor = 'alice@example.com'): Promise<Ran> =>
  runIn(root, args, { RUNBOOK_STATE: state, RUNBOOK_ACTOR: actor })

const given = (inputs: Record<string, string>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])

interface Input {
  type?: string
  options?: string[]
  default?: unknown
  required?: boolean
}

const where = (): Record<string, string> => ({ lab: lab.admin, site: lab.url })

function exec(slug: string, inputs: Record<string, string>): Promise<Ran> {
  return runbook(['exec', slug, ...given(inputs), '--yes', '--answers', answers])
}

/** How a step of the newest run went, and for how long, as the journal says. */
async function stepOfLast(step: string): Promise<{ status: string; seconds: number }> {
  const [newest = ''] = JSON.parse((await runbook(['runs', '--json'])).stdout).map(
    ({ run }: { run: string }) => run,
  )
  const stepState = readRun(state, newest).state.steps.get(step)
  const seconds = (Date.parse(stepState?.endedAt ?? '') - Date.parse(stepState?.startedAt ?? '')) / 1000
  return { status: stepState?.status ?? 'none', seconds }
}

const colors = async (): Promise<{ live: string; versions: (string | null)[] }> => {
  const { live, colors: both } = await lab.state()
  return { live, versions: [both.blue.version, both.green.version] }
}

test('a dry run of any runbook sends no request to any address it is given', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const listener = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const host = listener.replace('http://', '')
  const value: Record<string, string> = {
    at: host,
    image: `ghcr.io/shop/web@sha256:${'0'.repeat(64)}`,
    to: 's3://releases/shop/',
    place: `${host}/1`,
    store: `redis://${host}/0`,
    date: '2030-01-01',
    failed_at: '2030-01-01T00:00:00Z',
    semver: '1.4.0',
    flag: 'ui_x',
    tag: 'v1.3.0',
    message: 'Imports take longer.',
    from: '2030-01-01T00:00:00Z',
    until: '2030-01-01T01:00:00Z',
  }
  for (const name of readdirSync(join(root, 'content/runbooks')).filter((file) => file.endsWith('.mdx'))) {
    const slug = name.replace(/\.mdx$/, '')
    const { yaml = '' } = splitFrontmatter(readFileSync(join(root, 'content/runbooks', name), 'utf8'))
    const { inputs = {} } = parse(yaml) as { inputs?: Record<string, Input> }
    const needed = Object.entries(inputs).flatMap(
      ([input, { type = 'string', options, default: fallback, required }]) => {
        if (type === 'url') return [[input, listener]]
        return fallback === undefined && required !== false
          ? [[input, value[input] ?? value[type] ?? options?.[0] ?? 'a-value']]
          : []
      },
    )
    const ran = await runbook(['exec', slug, '--dry-run', ...given(Object.fromEntries(needed))])
    expect([slug, ran.code, ran.stderr]).toEqual([slug, 0, expect.not.stringContaining('error:')])
  }
  server.close().closeAllConnections()
  expect(asked).toBe(0)
})

test('the smoke tests pass on what runs, and fail on what does not', async () => {
  const metrics = `${(await lab.state()).colors.blue.url}/metrics`
  const ran = await exec('smoke-tests', { site: lab.url, metrics, p95: '10s' })
  expect(ran.code, ran.stderr).toBe(0)
  const nothing = await exec('smoke-tests', { site: 'http://127.0.0.1:9', metrics })
  expect(nothing.code).toBe(1)
})

test('the metrics gate passes on healthy traffic, and stops the run on errors', async () => {
  const source = `${(await lab.state()).colors.blue.url}/metrics`
  const good = await exec('metrics-gate', { source, hold: '3s', look: '1s', p95: '10s', p99: '10s' })
  expect(good.code, good.stderr).toBe(0)
  await runScript('lab.ts', 'fault', 'errors', '--color', 'blue', '--rate', '5%', '--lab', lab.admin)
  const ran = await exec('metrics-gate', { source, hold: '5m', look: '500ms' })
  await runScript('lab.ts', 'fault', 'none', '--lab', lab.admin)
  expect(ran.stderr).toContain('4 violations, more than 3')
  expect(ran.code).toBe(4)
})

test('a tag is built and passes the smoke tests where no user is; one that is lightweight gets nowhere', async () => {
  const repository = join(lab.dir, 'storefront')
  const ran = await exec('release-tag', { tag: 'v1.3.0', repository, out: artifacts, lab: lab.admin })
  expect(ran.code, ran.stderr).toBe(0)
  expect(await colors()).toEqual({ live: 'blue', versions: ['1.3.0', null] })
  execFileSync('git', ['-C', repository, 'tag', 'v1.3.9', 'v1.3.0'])
  const light = await exec('release-tag', { tag: 'v1.3.9', repository, out: artifacts, lab: lab.admin })
  expect([light.code, light.stderr]).toEqual([1, expect.stringContaining('`validate-tag`')])
})

test('the two days after a release: the run ends at each wait, and goes on after it', async () => {
  const inputs = { ...where(), version: '1.3.0', hold: '3s', look: '1s', p95: '10s' }
  const waits = { wait_first: '48h', wait_second: '10ms', baseline: join(artifacts, 'after.json') }
  const args = ['--yes', '--answers', answers]
  const left = await runbook(['exec', 'post-release', ...given({ ...inputs, ...waits }), ...args, '--detach'])
  expect(left.code, left.stderr).toBe(5)
  expect((await stepOfLast('first-day')).status).not.toBe('passed')
  const early = await runbook(['resume', 'last', ...args, '--detach'])
  expect(early.code, early.stderr).toBe(5)
  expect((await runbook(['abandon', 'last', '--reason', 'the next one waits less'])).code).toBe(0)
  const short = { ...waits, wait_first: '10ms' }
  const ran = await runbook(['exec', 'post-release', ...given({ ...inputs, ...short }), ...args])
  expect(ran.code, ran.stderr).toBe(0)
  expect((await stepOfLast('look-2')).status).toBe('passed')
})

/** Patient with time and strict with errors, on a machine that is busy. */
const judged = { hold: '3s', preset: 'lab', changes: 'p95=10s p99=10s' }

test('blue-green takes a version back that fails six of ten requests once users are on it', async () => {
  const before = await colors()
  const running = exec('blue-green', {
    ...where(),
    version: '1.4.0',
    strategy: 'canary-10',
    ...judged,
    artifacts,
  })
  const reached = async () => (await lab.state()).traffic.weights.green === 10 || undefined
  expect(await waitFor(reached, 120_000)).toBe(true)
  const fault = ['--color', 'green', '--dir', lab.dir]
  await runScript('lab.ts', 'fault', 'errors', '--rate', '60%', ...fault)
  const ran = await running
  await runScript('lab.ts', 'fault', 'none', ...fault)
  expect(ran.code, ran.stderr).toBe(1)
  expect(ran.stderr).toMatch(/Step `(watch|gate)-10`/)
  expect(ran.stderr).toContain('Rolled back')
  expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(await colors()).toEqual(before)
})

test('blue-green moves everybody to the new version and stops the old one', async () => {
  const ran = await exec('blue-green', {
    ...where(),
    version: '1.4.0',
    strategy: 'canary-50',
    ...judged,
    artifacts,
  })
  expect(ran.code, ran.stderr).toBe(0)
  expect(await colors()).toEqual({ live: 'green', versions: [null, '1.4.0'] })
})

test('back to a version that is stopped: not by traffic alone, but by the way full, within its budget', async () => {
  const common = { ...where(), artifacts, reason: 'the total is wrong' }
  const short = await exec('rollback', { ...common, way: 'traffic' })
  expect(short.code).toBe(1)
  expect(await colors()).toEqual({ live: 'green', versions: [null, '1.4.0'] })
  await runbook(['rollback', 'last', '--yes', '--reason', 'the other way'])
  const same = await exec('rollback', { ...common, way: 'full', version: '1.4.0' })
  expect([same.code, same.stderr]).toEqual([1, expect.stringContaining('`in-history`')])
  await runbook(['rollback', 'last', '--yes', '--reason', 'another version'])
  const database = join(lab.dir, 'orders.db')
  const orders = new DatabaseSync(database)
  orders.exec('CREATE TABLE coupons (id INTEGER)')
  writeFileSync(join(lab.dir, 'down.sql'), 'DROP TABLE coupons;\n')
  const data = { database, down: join(lab.dir, 'down.sql') }
  const urgent = { environment: 'production', emergency: 'true' }
  const ran = await exec('rollback', { ...common, ...data, ...urgent, way: 'full', version: '1.3.0' })
  expect(ran.code, ran.stderr).toBe(0)
  expect(await colors()).toEqual({ live: 'blue', versions: ['1.3.0', '1.4.0'] })
  expect(orders.prepare('SELECT name FROM sqlite_master').all()).toEqual([])
  expect((await stepOfLast('go')).status).toBe('skipped')
  expect((await runbook(['log', 'last'])).stdout).toContain('EXCEPTION: rollback in production without')
  const copy = join(artifacts, 'database-before-rollback.db')
  orders.close()
  const restored = await runScript('database.ts', 'restore', '--file', database, '--from', copy)
  expect(restored.code, restored.stderr).toBe(0)
  expect(new DatabaseSync(database).prepare('SELECT name FROM sqlite_master').all()).toHaveLength(1)
  const { status, seconds } = await stepOfLast('to-old')
  expect(status).toBe('passed')
  expect(seconds).toBeLessThan(120)
})

test('one feature is turned off for everybody within its minute, seen by the service, and comes back', async () => {
  const flags = join(lab.dir, 'flags')
  const key = 'ui_new_total'
  const feature = async (): Promise<unknown> =>
    ((await (await fetch(`${lab.url}/features?user=user-1`)).json()) as Record<string, unknown>)[key]
  await runScript('flags.ts', 'create', '--key', key, '--owner', 'web', '--dir', flags, '--on')
  await waitFor(async () => (await feature()) === true || undefined, patienceMs)
  const inputs = { ...where(), artifacts, flags, flag: key, way: 'flag', reason: 'the total is wrong' }
  const before = await colors()
  const ran = await exec('rollback', inputs)
  expect(ran.code, ran.stderr).toBe(0)
  expect(await feature()).toBe(false)
  expect(await colors()).toEqual(before)
  const { status, seconds } = await stepOfLast('flag-off')
  expect(status).toBe('passed')
  expect(seconds).toBeLessThan(60)
  expect((await stepOfLast('to-old')).status).toBe('skipped')
  expect((await runbook(['rollback', 'last', '--yes', '--reason', 'it was something else'])).code).toBe(0)
  await waitFor(async () => (await feature()) === true || undefined, patienceMs)
  expect(await feature()).toBe(true)
})

test('a canary goes through four gates and stays after the sign-off', async () => {
  await runScript('deploy.ts', 'stop', '--color', 'green', '--lab', lab.admin)
  const waits = { wait_canary: '100ms', wait_half: '100ms', wait_all: '100ms', wait_day: '100ms' }
  const gates = { first_gate: '3s', second_gate: '3s', preset: 'lab', changes: 'p95=10s p99=10s' }
  const ran = await exec('canary-rollout', { ...where(), ...waits, ...gates, version: '1.4.0', artifacts })
  expect(ran.code, ran.stderr).toBe(5)
  expect((await runbook(['approve', 'last', 'promote', '--yes'], 'dana@example.com')).code).toBe(0)
  const resumed = await runbook(['resume', 'last', '--yes', '--answers', answers])
  expect(resumed.code, resumed.stderr).toBe(0)
  expect(await colors()).toEqual({ live: 'green', versions: ['1.3.0', '1.4.0'] })
  const baseline = JSON.parse(readFileSync(join(artifacts, 'baseline.json'), 'utf8')) as unknown[]
  expect(baseline).toHaveLength(1)
})

test('while the old version runs, the traffic goes back in seconds, and a drill of it can be rolled back', async () => {
  const environment = 'production'
  const inputs = given({ ...where(), artifacts, reason: 'a drill', way: 'traffic', environment })
  const asks = await runbook(['exec', 'rollback', '--practice', ...inputs, '--yes', '--answers', answers])
  expect([asks.code, asks.stderr]).toEqual([5, expect.stringContaining('`go`')])
  expect((await runbook(['approve', 'last', 'go', '--yes'], 'dana@example.com')).code).toBe(0)
  const ran = await runbook(['resume', 'last', '--yes', '--answers', answers])
  expect(ran.code, ran.stderr).toBe(0)
  const [newest] = JSON.parse((await runbook(['runs', '--json'])).stdout) as { practice?: true }[]
  expect(newest?.practice).toBe(true)
  expect((await colors()).live).toBe('blue')
  const { status, seconds } = await stepOfLast('to-old')
  expect(status).toBe('passed')
  expect(seconds).toBeLessThan(120)
  expect((await runbook(['rollback', 'last', '--yes', '--reason', 'the drill is over'])).code).toBe(0)
  expect((await colors()).live).toBe('green')
})

test('an emergency rollback passes one that waits for its signature, and both say so', async () => {
  const green = ['--color', 'green', '--artifact', join(artifacts, 'storefront-1.4.0'), '--lab', lab.admin]
  await runScript('deploy.ts', ...green)
  await runScript('traffic.ts', 'set', '--green', '100', '--lab', lab.admin)
  const inputs = {
    ...where(),
    artifacts,
    reason: 'errors on green',
    way: 'traffic',
    environment: 'production',
  }
  expect((await exec('rollback', inputs)).code).toBe(5)
  const [waiting = ''] = listRuns(state)
  const alone = given({ ...inputs, emergency: 'true' })
  const args = ['exec', 'rollback', ...alone, '--yes', '--answers', answers]
  const refused = await runbook(args)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--emergency "why"')])
  const passed = await runbook([...args, '--emergency', 'nobody is awake'])
  expect([passed.code, passed.stderr]).toEqual([0, expect.stringContaining(`past run ${waiting}`)])
  expect((await colors()).live).toBe('blue')
  const { type, data } = readRun(state, waiting).events.at(-1) ?? {}
  expect([type, data?.['reason']]).toEqual(['run-passed', 'nobody is awake'])
  expect((await runbook(['abandon', waiting, '--reason', 'the other one did it'])).code).toBe(0)
})

test('a canary that crashes while it is left alone goes back at the third failed check', async () => {
  await runScript('traffic.ts', 'set', '--green', '0', '--lab', lab.admin)
  await runScript('deploy.ts', 'stop', '--color', 'green', '--lab', lab.admin)
  const inputs = { ...where(), version: '1.4.0', preset: 'lab', wait_canary: '1m', artifacts }
  const run = exec('canary-rollout', inputs)
  await waitFor(async () => (await lab.state()).traffic.weights.green === 10 || undefined, 120_000, 20)
  await runScript('lab.ts', 'fault', 'crash', '--color', 'green', '--lab', lab.admin)
  const ran = await run
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(/leave-ten.*failed|leave-ten.*exit/)
  expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
  await runScript('lab.ts', 'fault', 'none', '--lab', lab.admin)
})

test('a hotfix starts from the tag, waits for the fix, refuses the short review without a P0, and goes out', async () => {
  await runScript('traffic.ts', 'set', '--green', '0', '--lab', lab.admin)
  await runScript('deploy.ts', 'stop', '--color', 'green', '--lab', lab.admin)
  const repository = join(lab.dir, 'storefront')
  const git = (...args: string[]): string => execFileSync('git', ['-C', ...args], { encoding: 'utf8' })
  const inputs = { ...where(), repository, out: artifacts, preset: 'lab' }

  const unfixed = await exec('hotfix', inputs)
  expect(unfixed.code).toBe(1)
  expect(unfixed.stderr).toContain('small')
  const tree = join(lab.dir, 'hotfix')
  git(repository, 'worktree', 'add', '--quiet', tree, 'hotfix/v1.3.1')
  const file = join(tree, 'package.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('1.3.0', '1.3.1'))
  git(tree, 'commit', '--quiet', '--all', '--message', 'Fix the price of the mug')
  const unannounced = await runbook(['resume', 'last', '--yes', '--answers', answers])
  expect([unannounced.code, unannounced.stderr]).toEqual([
    1,
    expect.stringContaining('The changelog has no entry for 1.3.1'),
  ])
  const changelog = join(tree, 'CHANGELOG.md')
  const entry = '## [1.3.1] - 2026-11-02\n\n### Fixed\n\n- The price of the mug is right.\n\n## [1.3.0]'
  writeFileSync(changelog, readFileSync(changelog, 'utf8').replace('## [1.3.0]', entry))
  git(tree, 'commit', '--quiet', '--all', '--amend', '--no-edit')

  const waiting = await exec('hotfix', inputs)
  expect(waiting.code, waiting.stderr).toBe(5)
  expect((await runbook(['approve', 'last', 'sign-qa', '--yes'], 'carol@example.com')).code).toBe(0)
  expect((await runbook(['resume', 'last', '--yes', '--answers', answers])).code).toBe(5)
  expect((await runbook(['approve', 'last', 'go', '--yes'], 'dana@example.com')).code).toBe(0)
  const ran = await runbook(['resume', 'last', '--yes', '--answers', answers])
  expect(ran.code, ran.stderr).toBe(0)
  expect(await colors()).toEqual({ live: 'green', versions: ['1.3.0', '1.3.1'] })
  expect(git(repository, 'cat-file', '-t', 'v1.3.1').trim()).toBe('tag')
  const notes = readFileSync(join(artifacts, 'release-1.3.1/RELEASE_NOTES.md'), 'utf8')
  expect(notes).toContain('- The price of the mug is right.')
  expect(notes).toContain('| Go or no-go | dana@example.com | claimed |')

  const exception = await exec('hotfix', { ...inputs, version: '1.3.2', severity: 'P0' })
  expect([exception.code, exception.stderr]).toEqual([1, expect.stringContaining('`short-review`')])

  const status = join(lab.dir, 'status')
  cpSync(join(root, 'content', 'status'), status, { recursive: true })
  const about = ['--status', 'investigating', '--component', 'all', '--message', 'Orders are lost']
  const opened = await runScript('status-page.ts', ...about, '--severity', 'P0', '--dir', status, '--json')
  expect(opened.code, opened.stderr).toBe(0)
  const [incident = ''] = /INC-[\d-]+/.exec(opened.stdout) ?? []
  const urgent = { ...inputs, version: '1.3.3', severity: 'P0', status }
  const unknown = await exec('hotfix', { ...urgent, incident: 'INC-2020-01-01-001' })
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('`short-review`')])
  const short = await exec('hotfix', { ...urgent, incident })
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('`small`')])
  expect((await stepOfLast('short-review')).status).toBe('passed')
})
