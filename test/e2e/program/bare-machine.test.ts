import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signedSpace } from '../../support/signing.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

// A container as people start it: no folder for temporary files, an account that is a number, no home.

test('without a folder for temporary files check says so in a sentence, and exec and verify work', async () => {
  using space = workspace({ 'content/runbooks/a.mdx': page(commandStep('a', 'echo a >> effects')) })
  const nowhere = { TMPDIR: '/proc/nowhere', XDG_RUNTIME_DIR: '', RUNBOOK_CACHE: 'off' }
  const check = await space.runbook(['check'], nowhere)
  expect(check.stderr).toContain('error: The folder for temporary files `/proc/nowhere` cannot be written to')
  expect(check.stderr).toContain('hint: Set TMPDIR to a folder that you can write to')
  expect(check.stderr).not.toMatch(/^\s+at /m)
  expect(check.code).toBe(2)
  for (const args of [['exec', 'a', '--yes'], ['runs'], ['log', 'last'], ['verify', 'last']]) {
    const { code, stderr } = await space.runbook(args, nowhere)
    expect(code, stderr).toBe(0)
  }
  expect(readFileSync(join(space.root, 'effects'), 'utf8')).toBe('a\n')
})

test('the folder of the session stands in for one that is missing', async () => {
  using space = workspace({ 'content/runbooks/a.mdx': page(commandStep('a', 'true')) })
  mkdirSync(join(space.root, 'session'))
  const session = {
    TMPDIR: '/proc/nowhere',
    XDG_RUNTIME_DIR: join(space.root, 'session'),
    RUNBOOK_CACHE: 'off',
  }
  const { code, stderr } = await space.runbook(['check'], session)
  expect(code, stderr).toBe(0)
})

test('where `ssh-keygen` refuses an account without a name, runs are still signed and verified', async () => {
  using space = signedSpace()
  // What OpenSSH says first to a user id that has no entry in the list of accounts.
  space.write('bin/ssh-keygen', '#!/bin/sh\necho "No user exists for uid 12345" >&2\nexit 255\n')
  chmodSync(join(space.root, 'bin/ssh-keygen'), 0o755)
  const unnamed = { PATH: `${join(space.root, 'bin')}:${process.env['PATH']}` }
  const started = await space.as('alice', ['exec', 'release', '--yes'], unnamed)
  expect(started.code, started.stderr).toBe(5)
  const approved = await space.as('bob', ['approve', 'last', 'go', '--yes'], unnamed)
  expect(approved.code, approved.stderr).toBe(0)
  const ended = await space.as('alice', ['resume', 'last', '--yes'], unnamed)
  expect(ended.code, ended.stderr).toBe(0)
  for (const args of [
    ['verify', 'last'],
    ['verify', 'last', '--allowed-signers', 'allowed_signers'],
  ]) {
    const { code, stdout, stderr } = await space.as('alice', args, unnamed)
    expect(code, stdout + stderr).toBe(0)
  }
  // The same signatures hold for `ssh-keygen` itself.
  const { code, stdout } = await space.as('alice', ['verify', 'last', '--allowed-signers', 'allowed_signers'])
  expect(code, stdout).toBe(0)
})
