import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { holdersInclude, securityKeyHolders } from './security-keys.ts'

const root = mkdtempSync(join(tmpdir(), 'holders-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const sk = 'sk-ssh-ed25519@openssh.com AAAA'
test.each([
  ['a security key for every purpose', `bob@example.com ${sk}`, true],
  [
    'a security key for approvals',
    `bob@example.com namespaces="runbook-approval@v1,x" ${sk} a comment`,
    true,
  ],
  ['a passkey', 'bob@example.com sk-ecdsa-sha2-nistp256@openssh.com AAAA webauthn:id', true],
  ['a pattern', `*@example.com ${sk}`, true],
  ['a quoted list', `"carol@example.com,bob@example.com" ${sk}`, true],
  ['a key that counts until later', `bob@example.com valid-before="20300101Z" ${sk}`, true],
  ['a plain key', 'bob@example.com ssh-ed25519 AAAA', false],
  ['another person', `carol@example.com ${sk}`, false],
  ['a person who is taken away', `*@example.com,!bob@example.com ${sk}`, false],
  ['a key for heads alone', `bob@example.com namespaces="runbook-head@v1" ${sk}`, false],
  ['a key that no longer counts', `bob@example.com valid-before="20260101" ${sk}`, false],
  ['a key that does not count yet', `bob@example.com valid-after="20300101" ${sk}`, false],
  ['a comment', `# bob@example.com ${sk}`, false],
])('whether bob has a security key, by a line with %s', (_, line, has) => {
  const signers = join(root, 'allowed_signers')
  writeFileSync(signers, `alice@example.com ssh-ed25519 AAAA\n${line}\n`)
  const holders = securityKeyHolders({ signers }, Date.parse('2026-11-29T12:00:00Z'))
  expect(holders.some((patterns) => holdersInclude(patterns, 'bob@example.com'))).toBe(has)
})
