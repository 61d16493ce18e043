import { expect, test } from 'vitest'
import { ageOf, secretsSchema, sourceOf } from './secret-list.ts'

const { secrets } = secretsSchema.parse({
  secrets: {
    'launchdarkly/sdk-key-{env}': { env: 'SDK_KEY_{env}' },
    'db/credentials': { pass: 'shop/db' },
    'signing/{system}': { age: { file: 'signing/{system}.age', identity: 'key.txt' } },
    'vault/{path}': { command: ['vault', 'read', 'secret/{path}'] },
  },
})

test.each([
  ['launchdarkly/sdk-key-prod-eu', { type: 'env', name: 'SDK_KEY_PROD_EU' }],
  ['db/credentials', { type: 'pass', entry: 'shop/db' }],
  ['signing/macos', { type: 'age', path: 'signing/macos.age', identity: 'key.txt' }],
  ['vault/db', { type: 'command', argv: ['vault', 'read', 'secret/db'] }],
])('the reference secret://%s leads to its source', (path, source) => {
  expect(sourceOf(`secret://${path}`, secrets)).toEqual({ ok: true, value: source })
})

test.each(['vault/a/b', 'vault/../db', 'vault/', 'vault/--help', 'db/credentials2', 'constructor'])(
  'the reference secret://%s leads nowhere',
  (path) => {
    expect(sourceOf(`secret://${path}`, secrets).ok).toBe(false)
  },
)

test.each([
  ['two sources', { a: { env: 'A', file: 'a' } }],
  ['no source', { a: { every: '90d' } }],
  ['a name with capitals', { A: { env: 'A' } }],
  ['a name that leaves its folder', { '../a': { env: 'A' } }],
  ['a duration without a unit', { a: { env: 'A', every: '90' } }],
])('a list with %s is refused', (_, list) => {
  expect(secretsSchema.safeParse({ secrets: list }).success).toBe(false)
})

test.each([
  ['90 days', '2026-09-01', 'current'],
  ['91 days', '2026-08-31', 'overdue'],
  ['an unknown day', undefined, 'unknown'],
])('a secret that is changed every 90 days, after %s, is %s', (_, changed, state) => {
  const secret = { env: 'A', every: '90d', ...(changed === undefined ? {} : { changed }) }
  expect(ageOf(secret, Date.parse('2026-11-30')).state).toBe(state)
})
