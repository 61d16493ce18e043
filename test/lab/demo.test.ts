import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listRuns, readRun } from '../../runner/journal/record/run-store.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'runbook-demo-'))
const state = join(scratch, 'state')
let demo: ReturnType<typeof spawnSync>

beforeAll(() => {
  const env = {
    ...process.env,
    RUNBOOK_STATE: state,
    RUNBOOK_ACTOR: 'alice@example.com',
  }
  demo = spawnSync('npm', ['run', '--silent', 'demo', '--', '--dir', join(scratch, 'lab')], {
    cwd: root,
    env,
    input: '',
  })
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('the demo runs the release checklist to its end without a terminal', () => {
  expect(demo.stderr.toString()).toMatch(/All \d+ steps are done/)
  expect(demo.status).toBe(0)
})

test('its approvals were given by three others than who ran it', () => {
  const [run = ''] = listRuns(state)
  const { events, state: folded } = readRun(state, run)
  expect(folded.status).toBe('succeeded')
  expect(folded.actor.id).toBe('alice@example.com')
  const given = events.filter(({ type }) => type === 'approval-given').map(({ actor }) => actor.id)
  expect(given).toEqual(['carol@example.com', 'bob@example.com', 'dana@example.com'])
})

test('the run is a page that shows its steps', () => {
  const [run = ''] = listRuns(state)
  const page = readFileSync(join(scratch, 'lab', 'release.html'), 'utf8')
  for (const id of readRun(state, run).state.steps.keys()) expect(page).toContain(id)
})

test('the release is real: an annotated tag on the commit that was built', () => {
  const storefront = join(scratch, 'lab', 'storefront')
  const git = (...args: string[]): string =>
    spawnSync('git', ['-C', storefront, ...args])
      .stdout.toString()
      .trim()
  expect(git('cat-file', '-t', 'v1.4.0')).toBe('tag')
  const metadata = join(scratch, 'lab', 'artifacts', 'storefront-1.4.0', 'release-metadata.json')
  expect((JSON.parse(readFileSync(metadata, 'utf8')) as { commit: string }).commit).toBe(
    git('rev-parse', 'v1.4.0^{commit}'),
  )
})

test('nothing the demo started is left running', () => {
  expect(spawnSync('pgrep', ['-f', scratch]).stdout.toString()).toBe('')
})

test('a folder that is not a lab’s is left alone, and a flag it does not know starts nothing', () => {
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['scripts/demo.ts', ...args], { cwd: root, input: '' })
  const named = run('--dir', state)
  expect([named.status, named.stderr.toString()]).toEqual([
    2,
    expect.stringContaining('not the folder of a lab'),
  ])
  expect(listRuns(state)).toHaveLength(1)
  const misspelt = run('--dri', 'x')
  expect([misspelt.status, misspelt.stderr.toString()]).toEqual([
    2,
    expect.stringContaining('Did you mean `--dir`?'),
  ])
})
