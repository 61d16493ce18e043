import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { git } from '../../scripts/lib/git.ts'
import { cleanUp, runScript, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'

// Many processes one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
let lab: RunningLab
let flags: string
let state: string
let inputs: Record<string, string>
let metrics: string

beforeAll(async () => {
  lab = await startLab(await tempDir(), '--load', '400')
  flags = join(lab.dir, 'flags')
  state = join(lab.dir, 'state')
  const answers = ['people', 'after', 'tell', 'deployed'].map((id) => `  ${id}: done\n`).join('')
  writeFileSync(
    join(lab.dir, 'answers.yaml'),
    `actor: test@example.com\nanswers:\n${answers}  archive: { confirm: archive }\n  why: { fields: { reason: It broke } }\n`,
  )
  for (const key of ['ui_good', 'ui_bad'])
    await runScript('flags.ts', 'create', '--key', key, '--owner', 'web', '--dir', flags)
  const file = join(flags, 'lab.flagd.json')
  const flagFile = JSON.parse(readFileSync(file, 'utf8')) as { flags: Record<string, { metadata: object }> }
  Object.assign(flagFile.flags['ui_bad']?.metadata ?? {}, { labErrors: 0.5 })
  writeFileSync(file, JSON.stringify(flagFile))
  await git(flags, ['init', '--quiet'])
  await git(flags, ['config', 'user.email', 'team@example.com'])
  await git(flags, ['config', 'user.name', 'Team'])
  metrics = `${(await lab.state()).colors.blue.url}/metrics`
  const kept = join(lab.dir, 'kept')
  inputs = { flags, kept, metrics, watch: '5s', interval: '1s', dwell: '10ms' }
})
afterAll(cleanUp)

const runbook = (args: string[], actor = 'alice@example.com'): Promise<Ran> =>
  runIn(root, args, { RUNBOOK_STATE: state, RUNBOOK_ACTOR: actor })
const given = (values: Record<string, string>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-i', `${name}=${value}`])
const answers = (): string[] => ['--yes', '--answers', join(lab.dir, 'answers.yaml')]
const features = async (user: string): Promise<Record<string, boolean>> =>
  (await (await fetch(`${lab.url}/features?user=${user}`)).json()) as Record<string, boolean>

test('a rollout climbs to half of the users, waits for a second person, and ends with everybody', async () => {
  const ran = await runbook([
    'exec',
    'feature-flag-rollout',
    ...given({ ...inputs, flag: 'ui_good', ladder: '10-25-50-100' }),
    ...answers(),
  ])
  expect(ran.stderr).toContain('needs an approval by release-manager')
  expect(ran.code, ran.stderr).toBe(5)
  expect(
    (await runScript('flags.ts', 'check', '--key', 'ui_good', '--percent', '50', '--dir', flags)).code,
  ).toBe(0)
  expect((await runbook(['approve', 'last', 'everybody', '--yes'], 'bob@example.com')).code).toBe(0)
  expect((await runbook(['resume', 'last', ...answers()])).code).toBe(0)
  const subjects = await git(flags, ['log', '--format=%s%n%b'])
  const [run] = readdirSync(join(state, 'runs'))
  for (const percent of [10, 25, 50, 100]) expect(subjects).toContain(`flag ui_good: ${percent} % in lab`)
  expect(subjects.match(new RegExp(`Run: ${run}`, 'g'))).toHaveLength(4)
})

test('a feature that breaks requests is rolled back at its first stage, and no user has it any more', async () => {
  const ran = await runbook([
    'exec',
    'feature-flag-rollout',
    ...given({ ...inputs, flag: 'ui_bad', watch: '1m' }),
    ...answers(),
  ])
  expect(ran.code, ran.stderr).toBe(1)
  expect((await runScript('flags.ts', 'evaluate', '--key', 'ui_bad', '--dir', flags)).stdout).toBe(
    'on for 0 of 10000 users\n',
  )
})

test('the kill switch is seen by the running service within a minute, and a rollback brings all of it back', async () => {
  expect((await features('user-1'))['ui_good']).toBe(true)
  const { kept } = inputs
  const started = performance.now()
  const ran = await runbook([
    'exec',
    'kill-switch',
    ...given({ flag: 'ui_good', flags, kept: kept ?? '', site: lab.url }),
    ...answers(),
  ])
  expect(ran.code, ran.stderr).toBe(0)
  expect(performance.now() - started).toBeLessThan(60_000)
  expect((await features('user-1'))['ui_good']).toBe(false)
  expect((await runbook(['rollback', 'last', '--reason', 'a test', ...answers()])).code).toBe(0)
  expect(
    (await runScript('flags.ts', 'check', '--key', 'ui_good', '--percent', '100', '--dir', flags)).code,
  ).toBe(0)
})

test('retirement refuses a young flag, then code that names it, then users who still get it, and archives it at last', async () => {
  const repository = join(lab.dir, 'storefront')
  const retire = (values: Record<string, string>): Promise<Ran> =>
    runbook([
      'exec',
      'feature-flag-retire',
      ...given({ flag: 'ui_good', flags, repository, metrics, quiet: '500ms', ...values }),
      ...answers(),
    ])
  expect((await retire({})).stderr).toContain('old-enough')
  const file = join(flags, 'lab.flagd.json')
  const flagFile = JSON.parse(readFileSync(file, 'utf8')) as { flags: Record<string, { metadata: object }> }
  const changed = new Date(Date.now() - 2 * 86_400_000).toISOString()
  Object.assign(flagFile.flags['ui_good']?.metadata ?? {}, { changed })
  writeFileSync(file, JSON.stringify(flagFile))
  writeFileSync(join(repository, 'flag.js'), `isEnabled('ui_good')\n`)
  const named = await retire({ days: '1' })
  expect(named.code).toBe(1)
  expect(named.stderr).toContain('flag.js:1')
  writeFileSync(join(repository, 'flag.js'), '')
  const asked = await retire({ days: '1' })
  expect(asked.code).toBe(1)
  expect(asked.stderr).toContain('nobody-asks')
  const quiet = await startLab(await tempDir())
  const nobody = `${(await quiet.state()).colors.blue.url}/metrics`
  const done = await retire({ days: '1', metrics: nobody })
  expect(done.code, done.stderr).toBe(0)
  expect((await runScript('flags.ts', 'show', '--key', 'ui_good', '--dir', flags)).code).toBe(1)
})
