import { expect, test } from 'vitest'
import { fakeContext } from '../../../test/support/fake-context.ts'
import { wait } from './index.ts'
import { nextMoment, writeMoment } from './moment.ts'

const noon = new Date(2026, 10, 21, 12, 0, 0).getTime()

test('it waits for a duration, and says when it will end', async () => {
  const context = fakeContext({ now: noon })
  const ended = await wait.run(wait.params.parse({ for: '30m' }), context)
  expect([ended.status, context.slept]).toEqual(['passed', [1_800_000]])
  expect(context.recorded[0]).toMatchObject({ type: 'wait-began', value: { until: noon + 1_800_000 } })
})

test('a time of day is the next one', () => {
  expect(nextMoment('12:30', noon)).toBe(noon + 1_800_000)
  expect(nextMoment('11:30', noon)).toBe(new Date(2026, 10, 22, 11, 30).getTime())
  expect(nextMoment('12:00', noon)).toBe(new Date(2026, 10, 22, 12, 0).getTime())
})

test.each(['24:00', '8:30', 'tomorrow', '2026-11-21', '2026-11-21T08:00', '2026-13-01T00:00:00Z'])(
  '%s is no moment',
  (text) => expect(nextMoment(text, noon)).toBeUndefined(),
)

test('a moment is written as it is here and as everybody can read it', () => {
  expect(writeMoment(noon)).toMatch(/^2026-11-21 12:00:00 \((2026-11-2\d )?\d\d:\d\d:\d\d UTC\)$/)
})
