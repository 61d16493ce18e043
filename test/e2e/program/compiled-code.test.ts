import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, singleFile, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

/** A run of one step by an account that has its home and its temporary files in the workspace. */
async function runAtHome(space: Workspace): Promise<void> {
  const [home, temporary] = [join(space.root, 'home'), join(space.root, 'tmp')]
  for (const folder of [home, temporary]) mkdirSync(folder, { recursive: true })
  const own = { HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: '', RUNBOOK_CACHE: '', NODE_COMPILE_CACHE: '' }
  const ran = await space.runbook(['exec', 'r', '--yes'], own)
  expect(ran.code, ran.stderr).toBe(0)
}

const document = { 'content/runbooks/r.mdx': page(commandStep('a', 'true')) }

test('compiled code is kept in the home of the account, and not in the folder for temporary files', async () => {
  using space = workspace(document)
  await runAtHome(space)
  expect(readdirSync(join(space.root, 'tmp'))).toEqual([])
  if (singleFile === undefined)
    expect(readdirSync(join(space.root, 'home/.cache/runbook/compiled'))).not.toEqual([])
})

test('compiled code is not read from a folder that others may write to', async () => {
  using space = workspace(document)
  const folder = join(space.root, 'home/.cache/runbook/compiled')
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  await runAtHome(space)
  expect(readdirSync(folder)).toEqual([])
  expect(existsSync(join(space.root, 'tmp/node-compile-cache'))).toBe(false)
})
