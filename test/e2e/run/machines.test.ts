import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

test('a state folder that was carried to another disk does not repeat a step that was under way', async () => {
  // The run dies in the middle of its step: the step ends the runner and the process that would see its end.
  const dies =
    'echo once >>"$RUNBOOK_STATE/../effects"; if [ ! -e "$RUNBOOK_STATE/../died" ]; then touch "$RUNBOOK_STATE/../died"; kill -9 "$PPID" $(cat "$RUNBOOK_STATE/../runner"); fi'
  using space = workspace({
    'content/runbooks/one.mdx': page(commandStep('a', dies, 'effect="write" idempotent')),
  })
  const { spawn } = await import('node:child_process')
  const { binary } = await import('../../support/workspace.ts')
  const runner = spawn(process.execPath, [binary, 'exec', 'one', '--yes', '--no-input'], {
    cwd: space.root,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_SIGNING_KEY: 'none' },
    stdio: 'ignore',
  })
  writeFileSync(join(space.root, 'runner'), String(runner.pid))
  await new Promise((resolve) => runner.once('close', resolve))
  // Another disk of the same boot, as a second container of the host has it.
  rmSync(join(space.root, '.runbook/machine'))
  const resumed = await space.runbook(['resume', 'last', '--yes', '--no-input'], {
    RUNBOOK_SIGNING_KEY: 'none',
  })
  expect(resumed.code, resumed.stderr).toBe(5)
  expect(resumed.stderr).toContain('runbook resolve')
  expect(readFileSync(join(space.root, 'effects'), 'utf8')).toBe('once\n')
})

test('a run that another machine has taken over holds no key here', async () => {
  using space = workspace({
    'content/runbooks/ask.mdx': page(
      '<Approval id="go" title="Go?" approvers="bob@example.com" />\n',
      'concurrency: shared\n',
    ),
    'content/runbooks/other.mdx': page(commandStep('a', 'true'), 'concurrency: shared\n'),
  })
  const none = { RUNBOOK_SIGNING_KEY: 'none' }
  expect((await space.runbook(['exec', 'ask', '--no-input', '--detach'], none)).code).toBe(5)
  expect((await space.runbook(['exec', 'other', '--no-input', '--yes'], none)).code).toBe(1)
  const [{ run } = { run: '' }] = JSON.parse((await space.runbook(['runs', '--json'])).stdout) as {
    run: string
  }[]
  const folder = join(space.root, '.runbook/runs', run)
  expect(existsSync(folder)).toBe(true)
  writeFileSync(join(folder, 'taken-over.json'), '{}\n')
  const free = await space.runbook(['exec', 'other', '--no-input', '--yes'], none)
  expect(free.code, free.stderr).toBe(0)
})
