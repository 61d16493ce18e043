import { spawn } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { prepareStorefront } from '../../scripts/lab/baseline.ts'
import { verifyArtifact } from '../../scripts/domain/artifact.ts'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TIMES = 50
const BUDGET_MS = 120_000

afterEach(cleanUp)

async function setGreen(lab: RunningLab, percent: number): Promise<void> {
  const ran = await runScript('traffic.ts', 'set', '--green', String(percent), '--lab', lab.admin)
  expect(ran).toMatchObject({ code: 0, stderr: '' })
}

test(`of ${TIMES} scripted rollbacks all succeed within two minutes, and no request fails`, async () => {
  const lab = await startLab(await tempDir(), '--load', '100')
  const artifacts = join(lab.dir, 'artifacts')
  const state = join(lab.dir, 'state')
  await runScript(
    'build.ts',
    '--repository',
    join(lab.dir, 'storefront'),
    '--version',
    '1.4.0',
    '--out',
    artifacts,
  )
  const release = join(artifacts, 'storefront-1.4.0')
  await runScript('deploy.ts', '--color', 'green', '--artifact', release, '--lab', lab.admin)
  const inputs = { lab: lab.admin, site: lab.url, artifacts, reason: 'practice' }
  const answers = join(lab.dir, 'answers.yaml')
  await writeFile(answers, 'actor: bob@example.com\nanswers:\n  after: done\n')
  const flags = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
  flags.push('--yes', '--answers', answers)
  const env = { RUNBOOK_STATE: state, RUNBOOK_ACTOR: 'alice@example.com' }
  let slowest = 0
  for (let time = 0; time < TIMES; time++) {
    await setGreen(lab, 100)
    const started = performance.now()
    // Every tenth by the runbook, with all it looks at before and after; the others by its one command that matters.
    const ran =
      time % 10 === 0
        ? await runIn(root, ['exec', 'rollback', '--practice', ...flags], env)
        : await runScript('traffic.ts', 'set', '--blue', '100', '--lab', lab.admin)
    slowest = Math.max(slowest, performance.now() - started)
    expect(ran.code, ran.stderr).toBe(0)
    expect((await lab.state()).traffic.weights).toEqual({ blue: 100, green: 0 })
  }
  const { load } = await lab.state()
  process.stdout.write(
    `${TIMES} rollbacks, the slowest ${Math.round(slowest)} ms; ${load?.sent} requests, ${load?.failed} failed\n`,
  )
  expect(slowest).toBeLessThan(BUDGET_MS)
  expect(load?.failed).toBe(0)
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
