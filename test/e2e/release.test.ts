import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanUp, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const answers = ['--yes', '--answers', 'scripts/demo/answers.yaml']
let lab: RunningLab
let env: Record<string, string>
let flags: string[]

beforeAll(async () => {
  const dir = await tempDir()
  lab = await startLab(dir)
  env = { RUNBOOK_STATE: join(dir, 'state') }
  const inputs = {
    version: '1.4.0',
    lab: lab.admin,
    site: lab.url,
    watch: '50ms',
    repository: join(dir, 'storefront'),
    out: join(dir, 'out'),
  }
  flags = Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])
}, 60_000)

afterAll(cleanUp)

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

test('until the go the release has half of the traffic, and the live colour is the old one', async () => {
  const ran = await runbook(['exec', 'release-checklist', ...flags, ...answers])
  expect(ran.stderr).toContain('needs an approval by release-manager')
  expect(ran.code).toBe(5)
  const { traffic, colors } = await look()
  expect(traffic.weights).toEqual({ blue: 50, green: 50 })
  expect(colors.green.version).toBe('1.4.0')
  expect(tags()).toBe('')
}, 60_000)

test('after the go the release has all the traffic, and the commit is tagged', async () => {
  expect((await runbook(['approve', 'last', 'go'], 'release-manager')).code).toBe(0)
  const ran = await runbook(['resume', 'last', ...answers])
  expect(ran.code, ran.stderr).toBe(0)
  expect((await look()).traffic.weights).toEqual({ blue: 0, green: 100 })
  expect(tags()).toBe('v1.4.0')
}, 60_000)

test('a rollback restores the old version: all traffic on blue, green stopped, no tag, no artifact', async () => {
  const ran = await runbook(['rollback', 'last', '--reason', 'a test'])
  expect(ran.code, ran.stderr).toBe(0)
  const { live, traffic, colors } = await look()
  expect(live).toBe('blue')
  expect(traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(colors.blue.version).toBe('1.3.0')
  expect(colors.green.state).toBe('stopped')
  expect(tags()).toBe('')
  expect(() => readFileSync(join(lab.dir, 'out', 'storefront-1.4.0', 'SHA256SUMS'))).toThrow()
}, 60_000)

test('a release that fails its smoke tests takes itself back', async () => {
  await fetch(`${lab.admin}/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'errors', color: 'green', rate: 1 }),
  })
  const ran = await runbook(['exec', 'release-checklist', ...flags, ...answers])
  expect(ran.stderr).toContain('Rolling back')
  expect(ran.code).toBe(1)
  const { traffic, colors } = await look()
  expect(traffic.weights).toEqual({ blue: 100, green: 0 })
  expect(colors.green.state).toBe('stopped')
}, 60_000)
