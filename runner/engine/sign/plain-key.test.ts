import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { signPlainly } from './plain-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'plain-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function makeKey(name: string, type: string, passphrase = ''): string {
  const file = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'a comment', '-f', file])
  return file
}

test.each(['', 'a text\n', 'ä '.repeat(9000)])('signs %j to the bytes of ssh-keygen', (text) => {
  const file = makeKey(`key-${text.length}`, 'ed25519')
  const args = ['-q', '-Y', 'sign', '-f', file, '-n', 'runbook-head@v1']
  const expected = execFileSync('ssh-keygen', args, {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  expect(signPlainly(file, 'runbook-head@v1', text)).toBe(expected)
})

test('leaves a key with a passphrase, of another type or readable by others to ssh-keygen', () => {
  const shared = makeKey('shared', 'ed25519')
  chmodSync(shared, 0o644)
  for (const file of [
    makeKey('locked', 'ed25519', 'secret'),
    makeKey('ecdsa', 'ecdsa'),
    shared,
    join(folder, 'none'),
  ])
    expect(signPlainly(file, 'n', 'text')).toBeUndefined()
})
