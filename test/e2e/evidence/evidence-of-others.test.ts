import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { makeKeys } from '../../support/evidence.ts'
import { releasedSpace, signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { writeState } from '../../support/attack/state-of-runs.ts'
import { workspace } from '../../support/workspace.ts'
import { publishEvidence } from '../../../src/build/publish-evidence.ts'

const recipe = (folder: string) =>
  spawnSync('sh', [join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh'), folder], {
    encoding: 'utf8',
  })

async function rejected(space: SignedSpace): Promise<string> {
  await space.as('alice', ['exec', 'release', '--yes'])
  await space.as('bob', ['reject', 'last', 'go', '--reason', 'not now'])
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(4)
  const [run] = JSON.parse((await space.as('alice', ['runs', '--json'])).stdout) as { run: string }[]
  return run?.run ?? ''
}

test('a run whose folder holds another run is refused by audit, verify and the recipe', async () => {
  using space = await releasedSpace()
  const { run: good } = space
  const bad = await rejected(space)
  const folder = join(space.state, 'runs', bad)
  rmSync(folder, { recursive: true })
  cpSync(join(space.state, 'runs', good), folder, { recursive: true })
  const audit = await space.as('alice', ['audit'])
  expect(audit.code).toBe(1)
  expect(audit.stdout).toContain(`NOT VERIFIED: start: The folder is of run ${bad}`)
  expect((await space.as('alice', ['verify', bad])).code).toBe(1)
  expect(recipe(folder)).toMatchObject({ status: 1 })
})

test('verify from inside a bundle runs no configuration of its maker, and does not call the list of keys in it the own one', async () => {
  using space = await releasedSpace()
  const bundle = join(space.root, 'elsewhere/bundle')
  mkdirSync(dirname(bundle))
  expect((await space.as('alice', ['export', 'last', '-o', bundle])).code).toBe(0)
  writeFileSync(
    join(bundle, 'runbook.config.ts'),
    "import { writeFileSync } from 'node:fs'\nwriteFileSync('ran', '')\nexport default {}\n",
  )
  // The folder above is the reader's, and has no workspace.
  mkdirSync(join(bundle, '../.git'))
  const { stdout } = await space.runbook(['verify', '.', '--json'], {}, 'elsewhere/bundle')
  expect(existsSync(join(bundle, 'ran'))).toBe(false)
  expect(JSON.parse(stdout)).toMatchObject({
    verified: true,
    signers: 'the list that lies beside the evidence: compare it with the one your repository held then',
  })
})

test('a rejection that is cut off, with the signature of the head, is not a run that waits', async () => {
  using space = signedSpace()
  const folder = join(space.state, 'runs', await rejected(space))
  const lines = readFileSync(join(folder, 'run.jsonl'), 'utf8').trimEnd().split('\n')
  const cut = lines.findIndex((line) => line.includes('"approval-rejected"'))
  writeFileSync(
    join(folder, 'run.jsonl'),
    lines
      .slice(0, cut)
      .map((line) => `${line}\n`)
      .join(''),
  )
  for (const name of ['head.json', 'head.json.sig']) rmSync(join(folder, name))
  const audit = await space.as('alice', ['audit'])
  expect(audit).toMatchObject({ code: 1, stdout: expect.stringContaining('NOT VERIFIED: end:') as string })
  expect((await space.as('alice', ['verify', 'last'])).code).toBe(1)
  expect(recipe(folder)).toMatchObject({ status: 1 })
})

test('links in a run of others lead nowhere: not in verify, log, export, nor on the site', async () => {
  using space = await releasedSpace()
  const { run } = space
  const folder = join(space.state, 'runs', run)
  const secret = mkdtempSync(join(space.root, 'private-'))
  mkdirSync(join(secret, 'deep'))
  writeFileSync(join(secret, 'build.1.stdout'), 'the private key\n')
  rmSync(join(folder, 'steps'), { recursive: true })
  symlinkSync(secret, join(folder, 'steps'))
  rmSync(join(folder, 'document.mdx'))
  symlinkSync(join(secret, 'build.1.stdout'), join(folder, 'document.mdx'))
  const { code, stdout } = await space.as('alice', ['verify', run])
  expect(code).toBe(1)
  expect(stdout).toContain('FAILED outputs    steps is a link')
  expect(recipe(folder)).toMatchObject({ status: 1 })
  expect((await space.as('alice', ['log', run])).stdout).not.toContain('the private key')
  await space.as('alice', ['export', run, '-o', 'bundle'])
  await space.as('alice', ['export', run, '--format', 'html', '-o', 'run.html'])
  publishEvidence(space.state, join(space.root, 'site'))
  for (const place of ['bundle', 'site'])
    for (const name of readdirSync(join(space.root, place), { recursive: true, encoding: 'utf8' }))
      expect(name).not.toMatch(/document\.mdx|build\.1\.stdout/)
  expect(readFileSync(join(space.root, 'run.html'), 'utf8')).not.toContain('the private key')
})

test('a folder of runs, a run and an index that are links are not there', async () => {
  using space = await releasedSpace()
  const { run } = space
  using other = workspace({})
  mkdirSync(join(other.root, '.runbook/runs'), { recursive: true })
  symlinkSync(join(space.state, 'runs', run), join(other.root, '.runbook/runs', run))
  symlinkSync(join(space.state, 'heads.jsonl'), join(other.root, '.runbook/heads.jsonl'))
  expect((await other.runbook(['runs', '--json'])).stdout.trim()).toBe('[]')
  publishEvidence(join(other.root, '.runbook'), join(other.root, 'site'))
  expect(existsSync(join(other.root, 'site'))).toBe(false)
  expect((await other.runbook(['audit'])).stdout).toContain('0 of 0 runs')
})

test.each([
  ['ahead', 3 * 3_600_000],
  ['behind', -3 * 3_600_000],
])('one run made by a clock that was three hours %s is reported, and the others stand', async (_, off) => {
  using space = workspace({})
  const state = join(space.root, '.runbook')
  const specimens = writeState(state, 5, makeKeys(), (number) => (number === 2 ? off : 0))
  const { code, stdout } = await space.runbook(['audit', '--json'])
  const { runs } = JSON.parse(stdout) as { runs: { run: string; verdict: string; problem: string }[] }
  expect(code).toBe(1)
  expect(runs.map(({ verdict }) => verdict)).toEqual(
    [0, 1, 2, 3, 4].map((number) => (number === 2 ? 'NOT VERIFIED' : 'verified, signed')),
  )
  expect(runs[2]?.problem).toContain('does not agree with the lines around it')
  const byRecipe = specimens.map(({ run }) => recipe(join(state, 'runs', run)).status)
  expect(byRecipe).toEqual([0, 0, 1, 0, 0])
})
