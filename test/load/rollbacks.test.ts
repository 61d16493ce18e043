import { spawn } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'
import { prepareStorefront } from '../../scripts/lab/baseline.ts'
import { verifyArtifact } from '../../scripts/domain/artifact.ts'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import { fresh, paced } from './support/load.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TIMES = 50
/** Rollbacks under one load, whose requests are then counted. */
const ROUND = 10
const BUDGET_MS = 120_000
const WANTED = 100_000

afterEach(cleanUp)

async function setGreen(lab: RunningLab, percent: number): Promise<void> {
  const ran = await runScript('traffic.ts', 'set', '--green', String(percent), '--lab', lab.admin)
  expect(ran).toMatchObject({ code: 0, stderr: '' })
}

test(`at least ${TIMES} rollbacks by the runbook are within their budgets, and of at least ${WANTED} requests none fails`, async () => {
  const lab = await startLab(await tempDir(), '--with', 'haproxy')
  const artifacts = join(lab.dir, 'artifacts')
  const state = join(lab.dir, 'state')
  const repository = join(lab.dir, 'storefront')
  await runScript('build.ts', '--repository', repository, '--version', '1.4.0', '--out', artifacts)
  const release = join(artifacts, 'storefront-1.4.0')
  await runScript('deploy.ts', '--color', 'green', '--artifact', release, '--lab', lab.admin)
  const answers = join(lab.dir, 'answers.yaml')
  await writeFile(answers, 'actor: bob@example.com\nanswers:\n  after: done\n')
  const inputs = { lab: lab.admin, site: lab.url, artifacts, reason: 'errors on green' }
  const flags = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
  const args = ['exec', 'rollback', ...flags, '--yes', '--answers', answers]
  const env = { RUNBOOK_STATE: state, RUNBOOK_ACTOR: 'alice@example.com' }
  const url = `${lab.url}/echo?message=ping`
  let slowest = 0
  let requests = 0
  let times = 0
  // A fast machine ends its rollbacks before it has had enough requests, and goes on.
  while (times < TIMES || requests < WANTED) {
    const loads = [paced(url), fresh(url, '10')]
    for (let time = 0; time < ROUND; time++, times++) {
      await setGreen(lab, 100)
      const started = performance.now()
      const ran = await runIn(root, args, env)
      slowest = Math.max(slowest, performance.now() - started)
      expect(ran.code, ran.stderr).toBe(0)
      expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
    }
    for (const load of loads) {
      const count = await load.stop()
      expect(count.failed, count.report).toBe(0)
      requests += count.requests
    }
  }
  const runs = listRuns(state).map((run) => readRun(state, run))
  expect(runs.map(({ state: { status } }) => status)).toEqual(Array(times).fill('succeeded'))
  expect(runs.flatMap(({ events }) => events.filter(({ type }) => type === 'budget-exceeded'))).toEqual([])
  process.stdout.write(
    `${times} rollbacks by the runbook, the slowest ${Math.round(slowest)} ms; ${requests} requests\n`,
  )
  expect(slowest).toBeLessThan(BUDGET_MS)
})

test(`killed at ${TIMES} moments, a build leaves a whole artifact or none`, async () => {
  const dir = await tempDir()
  await prepareStorefront(dir)
  const started = performance.now()
  await runScript(
    'build.ts',
    '--repository',
    join(dir, 'storefront'),
    '--version',
    '1.4.0',
    '--out',
    join(dir, 'first'),
  )
  const usual = performance.now() - started
  let whole = 0
  for (let time = 0; time < TIMES; time++) {
    const out = join(dir, `out-${time}`)
    const args = [
      'scripts/build.ts',
      '--repository',
      join(dir, 'storefront'),
      '--version',
      '1.4.0',
      '--out',
      out,
    ]
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await sleep(usual * (0.3 + time / TIMES))
    child.kill('SIGKILL')
    await ended
    const names: string[] = await readdir(out).catch(() => [])
    if (!names.includes('storefront-1.4.0')) continue
    await verifyArtifact(join(out, 'storefront-1.4.0'))
    const text = await readFile(join(out, 'storefront-1.4.0', 'release-metadata.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: '1.4.0' })
    whole++
  }
  process.stdout.write(`${whole} of ${TIMES} were whole, the others absent\n`)
})
