import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'
import { readScenarios } from '../../runner/scenarios/format/read-scenarios.ts'
import { playSuite } from '../../runner/scenarios/suite.ts'
import { cleanUp, startLab, tempDir } from '../scripts/support.ts'
import type { RunningLab } from '../scripts/support.ts'
import { shippedSuites } from '../support/shipped-scenarios.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))
let lab: RunningLab
let state: string
let answers: string

beforeAll(async () => {
  lab = await startLab(await tempDir(), '--load', '200')
  state = join(lab.dir, 'drills')
  answers = join(lab.dir, 'answers.yaml')
  const done = ['after', 'ready', 'people', 'diagnose', 'mitigate', 'procedure-p1', 'learn'].map(
    (id) => `  ${id}: done\n`,
  )
  const roles = '  roles: { fields: { commander: ann, liaison: bob, scribe: ann } }\n'
  const way = '  way-back: { fields: { way: other, what: nothing } }\n'
  writeFileSync(answers, `actor: ada@example.com\nanswers:\n${done.join('')}${roles}${way}`)
  mkdirSync(join(lab.dir, 'flags'))
})
afterAll(cleanUp)

const drill = (name: string, faults: readonly string[], inputs: Record<string, string>): Promise<Ran> => {
  const given = Object.entries(inputs).flatMap(([input, value]) => ['-i', `${input}=${value}`])
  const chosen = faults.flatMap((fault) => ['--fault', fault])
  const how = ['--yes', '--no-input', '--answers', answers]
  return runIn(root, ['drill', name, ...chosen, ...given, ...how], {
    RUNBOOK_STATE: state,
    RUNBOOK_ACTOR: 'ada@example.com',
  })
}

const at = (): Record<string, string> => ({ lab: lab.admin, site: lab.url })

test('a rollback is practised, and with the other version gone it moves nobody', async () => {
  const ran = await drill('rollback', ['all'], { ...at(), artifacts: join(lab.dir, 'artifacts') })
  expect(ran.stderr).toContain('Drill: succeeded, as expected.')
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: failed, as expected.')])
})

test('a release with errors takes itself back before anybody is asked to sign', async () => {
  const inputs = { repository: join(lab.dir, 'storefront'), out: join(lab.dir, 'artifacts') }
  const ran = await drill('release-checklist', ['errors'], { ...at(), ...inputs })
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: rolled-back, as expected.')])
})

test('a rollout of a flag with errors takes the flag back', async () => {
  const metrics = `${(await lab.state()).colors.blue.url}/metrics`
  const inputs = { flags: join(lab.dir, 'flags'), kept: join(lab.dir, 'kept'), metrics }
  const ran = await drill('feature-flag-rollout', ['errors'], inputs)
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: rolled-back, as expected.')])
})

test('an incident is practised to its end, on a page of its own, and nobody is called', async () => {
  const page = join(lab.dir, 'practice/status')
  const outbox = join(lab.dir, 'practice/outbox')
  const ran = await drill('incident', [], { ...at(), page, outbox })
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Drill: succeeded, as expected.')])
  expect(existsSync(outbox)).toBe(false)
})

test('all of them are marked as practice, and each of their runs becomes a scenario that passes', async () => {
  const runs = listRuns(state).map((run) => readRun(state, run).state)
  expect(new Set(runs.map(({ slug }) => slug)).size).toBe(4)
  expect(runs.every(({ practice }) => practice)).toBe(true)
  const failed: string[] = []
  for (const { run, slug } of runs) {
    const recorded = await runIn(root, ['test', '--record', run], { RUNBOOK_STATE: state })
    expect(recorded.code, recorded.stderr).toBe(0)
    const read = readScenarios(recorded.stdout, slug)
    if (Array.isArray(read)) throw new Error(`${slug}: ${read.map(({ message }) => message).join('; ')}`)
    const suite = (await shippedSuites()).find(({ runbook }) => runbook.slug === slug)
    if (!suite) throw new Error(`${slug} is not a runbook of this repository`)
    const { inputs, scenarios, ...rest } = read.file
    const whole = scenarios.map((one) => ({ ...one, inputs: { ...inputs, ...one.inputs } }))
    for (const { differences } of await playSuite({ ...suite, file: { ...rest, inputs, scenarios: whole } }))
      failed.push(
        ...differences.map(
          ({ what, actual, expected }) => `${slug} ${what}: ${actual}, expected ${expected}`,
        ),
      )
  }
  expect(failed).toEqual([])
})
