import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyName } from '../../journal/verify/sshsig.ts'
import { listedKeys } from './listed-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'runbook-keys-'))
const file = (name: string): string => join(folder, name)
const keygen = (...args: string[]): string =>
  execFileSync('ssh-keygen', ['-q', ...args], { encoding: 'utf8' })
const blob = (name: string): Buffer =>
  Buffer.from(readFileSync(file(name), 'utf8').split(' ')[1] ?? '', 'base64')

beforeAll(() => {
  for (const name of ['one', 'authority']) keygen('-t', 'ed25519', '-N', '', '-f', file(name))
  keygen('-s', file('authority'), '-I', 'x', '-n', 'ann@example.com', file('one.pub'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(['ed25519', 'rsa', 'ecdsa'])('a key of type %s in a certificate is the key itself', (type) => {
  const [name, cert] = [`key-${type}`, `key-${type}-cert.pub`]
  keygen('-t', type, '-N', '', '-f', file(name))
  keygen('-s', file('authority'), '-I', 'x', '-n', 'ann@example.com', file(`${name}.pub`))
  expect(keyName(blob(cert))).toBe(keyName(blob(`${name}.pub`)))
  expect(execFileSync('ssh-keygen', ['-l', '-f', file(cert)], { encoding: 'utf8' })).toContain(
    keyName(blob(cert))?.split(' ').at(-1),
  )
})

test.each([
  ['ann@example.com KEY', true],
  ['ANN@example.com,ben@example.com KEY', true],
  ['*@example.com namespaces="runbook-head@v1" KEY', true],
  ['"ann@example.com" valid-before="20200101" KEY comment', true],
  ['a?n@example.com\tKEY', true],
  ['*@example.com,!ann@example.com KEY', false],
  ['*@example.com cert-authority KEY', false],
  ['# ann@example.com KEY', false],
  ['ben@example.com KEY', false],
  ['annXexample.com KEY', false],
])('%s lists the key for ann: %s', (line, is) => {
  writeFileSync(file('allowed'), `${line.replace('KEY', readFileSync(file('one.pub'), 'utf8').trim())}\n`)
  const fingerprint = keyName(blob('one.pub'))?.split(' ').at(-1) ?? ''
  expect(listedKeys(file('allowed'))(fingerprint, 'ann@example.com')).toBe(is)
})
