import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const files = { 'content/runbooks/x.mdx': page(commandStep('a', 'echo ran')) }

test.each(['runs', 'audit'])(
  'a file in place of the state folder fails %s, which names the file',
  async (call) => {
    using space = workspace(files)
    const file = join(space.root, 'file')
    writeFileSync(file, '')
    const RUNBOOK_STATE = join(file, 'state')
    const ran = await space.runbook(call.split(' '), { RUNBOOK_STATE })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toBe(
      `error: The state folder \`${RUNBOOK_STATE}\` cannot be used: \`${file}\` is not a folder\n` +
        '  hint: Name another folder with RUNBOOK_STATE, or with `state` in the configuration.\n',
    )
  },
)

test('a state folder that is not there yet has no runs, and stays so', async () => {
  using space = workspace(files)
  const ran = await space.runbook(['runs'], { RUNBOOK_STATE: 'not/yet' })
  expect(ran).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('There are no runs in not/yet') as string,
  })
  expect(existsSync(join(space.root, 'not'))).toBe(false)
})

test.runIf(process.platform === 'linux')('below /proc, no call looks for a folder without end', async () => {
  using space = workspace(files)
  const runs = await space.runbook(['runs'], { RUNBOOK_STATE: '/proc/x' })
  expect(runs).toMatchObject({ code: 2, stdout: '' })
  expect(runs.stderr).toContain('`/proc/x` cannot be used: `/proc` is a file system of the kernel')
  const made = await space.runbook(['new', 'blank', 'y'], { RUNBOOK_CONTENT: '/proc/x' })
  expect(made).toMatchObject({ code: 2, stdout: '' })
  expect(made.stderr).toContain('The folder `/proc/x` cannot be made: ENOENT')
})
