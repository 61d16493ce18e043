import { expect, test } from 'vitest'
import { linksFrom } from '../run-addresses.ts'
import { orderedPage } from './ordered-page.ts'
import type { OrderedRun } from './ordered-page.ts'

const runner: OrderedRun['runners'][number] = {
  name: 'a',
  isAlive: true,
  seenAt: '2026-11-30T03:12:00Z',
  owns: 0,
  most: 4,
  declined: '',
}
const order: OrderedRun = {
  run: '20261130-031200-mend-k3f9',
  slug: 'mend',
  title: 'Mend',
  state: 'queued',
  by: 'erin@example.com',
  orderedAt: '2026-11-30T03:12:00Z',
  expiresAt: '2026-12-01T03:12:00Z',
  notBefore: '',
  inputs: { host: 'a & b' },
  runner: '',
  key: 'mend',
  holder: undefined,
  earlier: 0,
  runners: [runner],
  withdraw: { action: '/runs/x/withdraw', token: 'token' },
}

const shown = (more: Partial<OrderedRun>): string =>
  orderedPage({ ...order, ...more }, linksFrom('/')).markup.replaceAll(/\s+/g, ' ')

test.each<[string, Partial<OrderedRun>, string]>([
  ['a runner is free', {}, 'A runner takes it within seconds.'],
  ['the team has no runner', { runners: [] }, 'No runner is seen.'],
  ['the only runner is gone', { runners: [{ ...runner, isAlive: false }] }, 'No runner is seen.'],
  [
    'the wanted runner is gone',
    { runner: 'b', runners: [runner, { ...runner, name: 'b', isAlive: false }] },
    'The runner b is not seen.',
  ],
  [
    'each runner refuses it',
    { runners: [{ ...runner, declined: 'another plan' }] },
    'No runner can take it.',
  ],
  [
    'another run has the key',
    { holder: { run: 'other', runner: 'a' } },
    '<a href="/runs/other/">Another run</a> on a has the key',
  ],
  ['earlier orders have the key', { earlier: 2 }, '2 earlier orders of the key'],
  ['its time has not come', { notBefore: '2999-01-01T00:00:00Z' }, 'No runner takes it before'],
  ['each runner is full', { runners: [{ ...runner, owns: 4 }] }, 'as many runs as it drives at once'],
  ['a runner has taken it', { state: 'taken', runner: 'a' }, '<b>a</b> has taken it.'],
  ['its time has passed', { state: 'expired' }, 'Its time has passed.'],
])('an ordered run says how it stands when %s', (_, more, words) => {
  expect(shown(more)).toContain(words)
})

test('an order is withdrawn while it waits, and ordered again with the same inputs afterwards', () => {
  expect(shown({})).toContain('Withdraw the order')
  const over = shown({ state: 'withdrawn' })
  expect(over).not.toContain('Withdraw the order')
  expect(over).toContain('href="/runbooks/mend/?host=a+%26+b"')
})
