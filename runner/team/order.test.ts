import { expect, test } from 'vitest'
import { asLike, makeOrder, matchesGlob, orderDoubt, readOrder } from './order.ts'
import { statementOf } from './statement.ts'
import type { Order } from './port.ts'

const order = makeOrder({
  run: '20261130-081502-release-k3f9',
  slug: 'release',
  documentSha256: 'a'.repeat(64),
  includes: { other: 'b'.repeat(64) },
  inputs: { version: '1.4.0', note: 'ä "quoted" \\ \u0000' },
  key: 'storefront',
  wants: '',
  notBefore: '',
  expires: new Date(Date.now() + 60_000).toISOString(),
  by: { id: 'alice@example.com', host: 'laptop', via: 'order' },
  from: '',
  practice: false,
  alert: {},
})
const statement = statementOf(order)
const believing = { runner: 'a', accepts: ['*'], check: () => undefined, now: Date.now() }

test('an order is read back from its canonical form, byte for byte', () => {
  const read = readOrder(statement)
  expect(read).toEqual({ ok: true, value: order })
  expect(read.ok && statementOf(read.value)).toBe(statement)
})

test.each<[string, (value: Record<string, unknown>) => unknown]>([
  ['an unknown field', (value) => ({ ...value, code: 'rm -rf /' })],
  ['an unknown field of its actor', (value) => ({ ...value, by: { ...order.by, root: true } })],
  ['a missing digest', ({ documentSha256, ...rest }) => (documentSha256 ? rest : {})],
  ['a run id that leads out of the folder', (value) => ({ ...value, run: '../../etc' })],
  ['an input that is not text', (value) => ({ ...value, inputs: { version: 1 } })],
  ['another version', (value) => ({ ...value, v: 2 })],
])('an order with %s is not read', (_, change) => {
  const changed = change(JSON.parse(statement) as Record<string, unknown>)
  expect(readOrder(`${JSON.stringify(changed)}\n`).ok).toBe(false)
})

test('an order whose names are in another order, or twice, is not read: two readers would see two orders', () => {
  const parsed = JSON.parse(statement) as Record<string, unknown>
  const turned = Object.fromEntries(Object.entries(parsed).toReversed())
  expect(readOrder(`${JSON.stringify(turned)}\n`).ok).toBe(false)
  expect(readOrder(statement.replace('"v":1', '"v":1,"v":1')).ok).toBe(false)
  expect(readOrder(statement.trimEnd()).ok).toBe(false)
})

test.each<[string, Partial<Order>, Partial<typeof believing>, string]>([
  ['for another runner', { wants: 'b' }, {}, 'runner b'],
  ['for a runbook that is not accepted', {}, { accepts: ['diagnose-*'] }, 'no orders for release'],
  ['that has expired', { expires: '2026-01-01T00:00:00.000Z' }, {}, 'expired'],
  ['from the future', { at: '2999-01-01T00:00:00.000Z' }, {}, 'later than now'],
])('an order %s does not count', (_, change, believe, words) => {
  const changed = { ...order, ...change } as Order
  const act = { statement: statementOf(changed), signature: 'signed' }
  expect(orderDoubt(changed, act, { ...believing, ...believe })).toContain(words)
})

test('an order that is unsigned, signed by somebody else, or read without a list of keys does not count', () => {
  expect(orderDoubt(order, { statement, signature: '' }, believing)).toContain('not signed')
  const other = { ...believing, check: () => 'no key' }
  expect(orderDoubt(order, { statement, signature: 'signed' }, other)).toContain('does not hold')
  const without = { ...believing, check: undefined }
  expect(orderDoubt(order, { statement, signature: 'signed' }, without)).toContain('no list of keys')
  expect(orderDoubt(order, { statement, signature: 'signed' }, believing)).toBeUndefined()
})

test('a glob means the same here and in SQL', () => {
  expect(matchesGlob('release-*', 'release-all')).toBe(true)
  expect(matchesGlob('release-*', 'prerelease-all')).toBe(false)
  expect(matchesGlob('a.b', 'axb')).toBe(false)
  expect(asLike('release_*')).toBe('release\\_%')
})
