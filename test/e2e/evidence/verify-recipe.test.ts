import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { expectAgreement } from '../../support/attack/agreement.ts'
import { workspace } from '../../support/workspace.ts'

test('the shell recipe and verify agree on good runs and on every attack', async () => {
  // The long form, with hundreds of each, is in test/torture.
  await expectAgreement(10, 1, 6)
})

test('the shell recipe needs nothing but sh, coreutils, jq and ssh-keygen', () => {
  using tools = workspace({})
  const coreutils =
    'base64 basename cat comm cut dirname head mktemp realpath rm sha256sum sort split tail tr wc'
  for (const name of [...coreutils.split(' '), 'jq', 'ssh-keygen']) {
    const path = execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim()
    symlinkSync(path, join(tools.root, name))
  }
  const recipe = resolve('runner/journal/recipe/verify.sh')
  const check = () => {
    const env = { PATH: tools.root }
    const { status, stdout, stderr } = spawnSync('/bin/sh', [recipe, 'test/journals/v1/approved'], {
      encoding: 'utf8',
      env,
    })
    return [status, stdout + stderr]
  }
  expect(check()).toEqual([
    0,
    expect.stringMatching(
      /^VERIFIED, signed by alice@example\.com\napproved: step go, by bob@example\.com, /,
    ),
  ])
  rmSync(join(tools.root, 'comm'))
  expect(check()).toEqual([2, 'This needs comm, which is not here.\n'])
})

test.skipIf(process.getuid?.() === 0)(
  'files that the auditor may not read are named, and nothing is said of the evidence',
  () => {
    using space = workspace({})
    const folder = join(space.root, 'bundle of a run')
    cpSync('test/journals/v1/approved', folder, { recursive: true })
    chmodSync(join(folder, 'plan.json'), 0o000)
    const { status, stdout } = spawnSync('/bin/sh', [resolve('runner/journal/recipe/verify.sh'), folder], {
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([2, 'plan.json cannot be read. Copy the folder as its owner.\n'])
  },
)
