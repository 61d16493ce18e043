import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gitConfig, prepareGitConfig } from './git-config.ts'

test('the identity that is read ahead is the one in the configuration of git', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'git-config-'))
  try {
    const file = join(folder, 'config')
    writeFileSync(file, '[user]\n  email = anna@example.org\n  signingKey = ~/.ssh/two words.pub\n')
    const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: file, GIT_CONFIG_NOSYSTEM: '1' }
    await prepareGitConfig(folder, env)
    // Asked without git: only what was read ahead can answer.
    expect(gitConfig('user.email', folder, { PATH: '' })).toBe('anna@example.org')
    expect(gitConfig('user.signingkey', folder, { PATH: '' })).toBe('~/.ssh/two words.pub')
    expect(gitConfig('gpg.format', folder, { PATH: '' })).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('without git there is no identity to read ahead', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'git-config-'))
  try {
    await prepareGitConfig(folder, { PATH: '' })
    expect(gitConfig('user.email', folder, { PATH: process.env['PATH'] })).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
