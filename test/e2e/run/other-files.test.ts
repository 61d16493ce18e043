import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

test('a pipe in place of allowed_signers ends a call in a sentence, before anything runs', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'echo ran')) })
  execFileSync('mkfifo', [join(space.root, 'allowed_signers')])
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran).toMatchObject({ code: 2, stdout: expect.not.stringContaining('ran') as string })
  expect(ran.stderr).toContain('allowed_signers` is not a regular file')
})

test('a signal ends the wait for the pipe of --answers', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'echo ran')) })
  const answers = join(space.root, 'answers')
  execFileSync('mkfifo', [answers])
  const child = spawn(process.execPath, [binary, 'exec', 'x', '--yes', '--answers', answers], {
    cwd: space.root,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com' },
    stdio: 'ignore',
  })
  const ended = once(child, 'close')
  const end = await writerOf(answers, child)
  child.kill('SIGTERM')
  expect(await ended).toEqual([null, 'SIGTERM'])
  closeSync(end)
})

/** The writing end of a pipe, once a process reads it. */
async function writerOf(path: string, reader: ChildProcess): Promise<number> {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || reader.exitCode !== null) throw error
    await pause(10)
    return writerOf(path, reader)
  }
}

test('a step that removes the state folder ends the run, which says that its journal is gone', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'rm -rf "$RUNBOOK_STATE"') + commandStep('b', 'touch b-ran'),
    ),
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(/The journal `\S+run\.jsonl` was removed while the run went on/)
  expect(ran.stdout + ran.stderr).not.toContain('runbook resume')
})
