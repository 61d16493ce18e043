import { OpenFeature } from '@openfeature/server-sdk'
import { afterAll, expect, expectTypeOf, test } from 'vitest'
import { flagClient } from './flag-client.ts'
import { newEntry } from './flag-entry.ts'
import { flagFileProvider, flagHelpers } from './openfeature.ts'
import { sampleUsers } from './prove.ts'

afterAll(() => OpenFeature.close())

const flag = (percentage: number) =>
  newEntry({
    key: 'ui_x',
    owner: 'web',
    type: 'release',
    description: '',
    tags: [],
    created: '2026-11-01T00:00:00Z',
    percentage,
  })
const sizes = {
  state: 'ENABLED',
  variants: { big: 20, small: 10 },
  defaultVariant: 'big',
  metadata: { owner: 'web' },
}
const words = { ...sizes, variants: { long: 'Buy it now', short: 'Buy' }, defaultVariant: 'long' }
const shapes = { ...sizes, variants: { round: { radius: 4 } }, defaultVariant: 'round' }
const text = (percentage: number): string =>
  JSON.stringify({ flags: { ui_x: flag(percentage), ui_size: sizes, ui_words: words, ui_shape: shapes } })

test('OpenFeature’s own client gives every user what the flag file says, counts each question, and sees a kill at once', async () => {
  const provider = flagFileProvider()
  provider.update(text(25))
  await OpenFeature.setProviderAndWait(provider)
  const client = OpenFeature.getClient()
  const counts: Record<string, number> = {}
  client.addHooks({
    after({ flagKey }, { variant = '' }) {
      counts[`${flagKey} ${variant}`] = (counts[`${flagKey} ${variant}`] ?? 0) + 1
    },
  })
  const helpers = flagHelpers(client)
  const direct = flagClient()
  direct.update(text(25))
  const users = sampleUsers(1000)
  const asked = await Promise.all(users.map((user) => helpers.isEnabled('ui_x', user)))
  expect(asked).toEqual(users.map((user) => direct.isEnabled('ui_x', user)))
  const on = asked.filter(Boolean).length
  expect(counts).toEqual({ 'ui_x on': on, 'ui_x off': 1000 - on })
  const some = users[asked.indexOf(true)] ?? expect.fail('nobody has it')
  expect(await helpers.variant('ui_x', some)).toBe('on')
  expect(await helpers.variant('ui_words', some)).toBe('long')
  expect(await helpers.variant('ui_size', some)).toBe('big')
  expect(await helpers.variant('ui_shape', some)).toBe('round')
  expect(await helpers.variant('ui_none', some)).toBeUndefined()
  expect(await helpers.percentage('ui_x')).toBe(25)
  expect(await helpers.percentage('ui_none')).toBeUndefined()
  expect(await helpers.getValue('ui_size', 1, some)).toBe(20)
  expect(await helpers.getValue('ui_size', 'text', some)).toBe('text')
  expect(await helpers.getValue('ui_none', true, some)).toBe(true)
  const way = () =>
    helpers.withFlag(
      'ui_x',
      some,
      () => 'new',
      () => 'old',
    )
  expect(await way()).toBe('new')
  provider.update(text(0))
  expect(await way()).toBe('old')
  expect(() => provider.update('{ broken')).toThrow()
  expect(await way()).toBe('old')
  expectTypeOf(helpers.getValue('a', true, some)).resolves.toEqualTypeOf<boolean>()
  expectTypeOf(helpers.getValue('a', 'x', some)).resolves.toEqualTypeOf<string>()
})
