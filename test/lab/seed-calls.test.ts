import { spawn, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type RunningLab, cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'

vi.setConfig({ testTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
const scripts = globSync('scripts/**/*.sh', { cwd: root }).toSorted()
const shellcheck = spawnSync('shellcheck', ['--version']).status === 0
/** The system of an operator: another Node stands before ours, and it is too old. */
let bin: string
let lab: RunningLab
let env: Record<string, string>

beforeAll(async () => {
  const dir = await tempDir()
  bin = join(dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  lab = await startLab(dir, '--load', '100')
  env = {
    PATH: `${bin}:${process.env['PATH']}`,
    LAB_URL: lab.admin,
    ENVIRONMENTS_FILE: join(dir, 'environments.yaml'),
    RUNBOOK_STATE: join(dir, 'state'),
    RUNBOOK_ACTOR: 'alice@example.com',
  }
  const frontend = '{ title: Storefront, elements: [products] }'
  const staging = `{ site: "${lab.url}", lab: "${lab.admin}", frontend: ${frontend} }`
  const gone = '{ site: "http://127.0.0.1:9", metrics: ["http://127.0.0.1:9/metrics"] }'
  writeFileSync(env['ENVIRONMENTS_FILE'] ?? '', `environments:\n  staging: ${staging}\n  gone: ${gone}\n`)
})

afterAll(cleanUp)

beforeEach(async () => {
  await runScript('lab.ts', 'fault', 'none', '--lab', lab.admin)
})

/** Runs a line as it is written in a document, from the root of the repository. */
async function call(line: string, more: Record<string, string> = {}): Promise<Ran> {
  const child = spawn('bash', ['-c', line], { cwd: root, env: { ...process.env, ...env, ...more } })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
  ran.code = await new Promise((resolve) => child.once('close', resolve))
  return ran
}

test('each script can be run, stops at its first error, and is sound Bash', () => {
  for (const file of scripts) {
    expect(statSync(join(root, file)).mode & 0o111, file).toBe(0o111)
    const text = readFileSync(join(root, file), 'utf8')
    expect(text, file).toMatch(/^#!\/usr\/bin\/env bash\n(?:#.*\n)+set -euo pipefail\n/)
  }
  const all = ['-c', 'for file; do bash -n "$file" || exit; done', '-', ...scripts]
  expect(spawnSync('bash', all, { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  if (shellcheck) expect(spawnSync('shellcheck', scripts, { cwd: root, encoding: 'utf8' }).stdout).toBe('')
})

test('each script finds the Node of the repository where the one in PATH is older', async () => {
  const wrappers = scripts.filter((file) => !file.includes('/lib/'))
  const words = (file: string): string => (/create|build-art|deploy|rollback/.test(file) ? '1.4.0' : '')
  const color = (file: string): string => (file.includes('switch-traffic') ? 'green' : '')
  const line = wrappers
    .flatMap((file) => [`${file} --help`, `${file} ${words(file)} ${color(file)} --help`])
    .map((one) => `${one} >/dev/null`)
    .join(' && ')
  expect(await call(line)).toMatchObject({ code: 0, stderr: '' })
})

test('the smoke tests pass on an environment that runs, and fail on one that does not', async () => {
  const passed = await call('./scripts/release_smoke.sh staging')
  expect([passed.code, passed.stdout], passed.stderr).toEqual([
    0,
    expect.stringContaining('all 5 suites passed'),
  ])
  expect(
    (await call(`./scripts/release/smoke-tests.sh ${lab.url} --metrics ${lab.admin}/metrics`)).code,
  ).toBe(1)
  const gone = await call('./scripts/release_smoke.sh gone')
  expect([gone.code, gone.stdout]).toEqual([1, expect.stringContaining('5 of 5 suites failed')])
  const unknown = await call('./scripts/release_smoke.sh stagin')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean `staging`?')])
})

test('the metrics gate looks for as many minutes as are given, and fails at the fourth violation', async () => {
  const planned = await call('./scripts/release_metrics_gate.sh staging 10 --dry-run')
  expect([planned.code, planned.stdout], planned.stderr).toEqual([
    0,
    expect.stringContaining('would look 40 times'),
  ])
  await runScript('lab.ts', 'fault', 'errors', '--color', 'blue', '--rate', '50%', '--lab', lab.admin)
  const failed = await call('./scripts/release_metrics_gate.sh staging 5 --interval 200ms')
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('4 violations, more than 3')])
  const gone = await call('./scripts/release_metrics_gate.sh gone 5 --interval 100ms')
  expect([gone.code, gone.stdout]).toEqual([1, expect.stringMatching(/^inconclusive/)])
})

test('the frontend check passes on the page with its component, and fails without it', async () => {
  const passed = await call('./scripts/release_frontend_check.sh staging --browser never')
  expect([passed.code, passed.stdout], passed.stderr).toEqual([0, expect.stringContaining('in "products"')])
  const failed = await call('./scripts/release_frontend_check.sh staging --browser never --element sandbox')
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('no element with id "sandbox"')])
})

test('a version is built, deployed blue-green, switched away from, and rolled back by the command line', async () => {
  const repository = join(lab.dir, 'storefront')
  const artifacts = join(lab.dir, 'artifacts')
  const built = await call(
    `./scripts/release/build-artifacts.sh v1.4.0 --repository ${repository} --out ${artifacts}`,
  )
  expect(built.code, built.stderr).toBe(0)
  const answers = join(lab.dir, 'answers.yaml')
  writeFileSync(answers, 'actor: bob@example.com\nanswers:\n  after: done\n')
  const where = `-i lab=${lab.admin} -i site=${lab.url} -i artifacts=${artifacts} --yes --answers ${answers}`
  const patient = '-i hold=2s -i preset=lab -i "changes=p95=10s p99=10s"'
  const deployed = await call(`./scripts/release/deploy-blue-green.sh 1.4.0 instant ${where} ${patient}`)
  expect(deployed.code, deployed.stderr).toBe(0)
  expect(await lab.state()).toMatchObject({ live: 'green', colors: { blue: { state: 'stopped' } } })
  const back = await call(`./scripts/release/rollback.sh v1.3.0 ${where}`)
  expect(back.code, back.stderr).toBe(0)
  expect(await lab.state()).toMatchObject({ live: 'blue', colors: { blue: { version: '1.3.0' } } })
  expect((await call(`./scripts/release/rollback.sh v9.9.9 ${where}`)).code).toBe(1)
  expect((await call('./scripts/release/switch-traffic.sh green')).code).toBe(0)
  expect((await lab.state()).traffic.weights).toEqual({ blue: 0, green: 100 })
})

test('a release without its credentials names every one of them', async () => {
  const ran = await call('scripts/ops/release_pipeline.sh --version 0.1.0', { RELEASE_SIGNING_KEY: '' })
  expect([ran.code, ran.stdout]).toEqual([1, ''])
  for (const name of ['RELEASE_SIGNING_KEY', 'APPLE_ID', 'APPLE_TEAM_ID', 'DEVELOPER_ID', 'WINDOWS_PFX_PATH'])
    expect(ran.stderr).toContain(`variable ${name}`)
})
