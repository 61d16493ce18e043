import { expect, test, vi } from 'vitest'
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

/** Milliseconds since the epoch, of the moments a text names as clocks in a zone show them. */
function inZone<T>(zone: string, read: () => T): T {
  vi.stubEnv('TZ', zone)
  try {
    return read()
  } finally {
    vi.unstubAllEnvs()
  }
}

test.each([
  [
    'before clocks are put forward over it, it is when they are',
    '2027-03-28T00:30:00Z',
    '2027-03-28T01:00:00Z',
  ],
  [
    'after clocks were put forward over it, it is the next day',
    '2027-03-28T01:10:00Z',
    '2027-03-29T00:30:00Z',
  ],
  ['on the day before, it is not an hour late', '2027-03-27T01:40:00Z', '2027-03-28T01:00:00Z'],
  [
    'before clocks are put back over it, it is the first time',
    '2027-10-31T00:10:00Z',
    '2027-10-31T00:30:00Z',
  ],
  ['between the two times it is the second', '2027-10-31T00:40:00Z', '2027-10-31T01:30:00Z'],
  ['after both it is the next day', '2027-10-31T01:40:00Z', '2027-11-01T01:30:00Z'],
])('02:30 in Berlin: %s', (_, from, until) => {
  const at = inZone('Europe/Berlin', () => nextMoment('02:30', Date.parse(from)))
  expect(at && new Date(at).toISOString()).toBe(until.replace('Z', '.000Z'))
})

test.each(['2026-11-30T08:30:00Z', '2026-11-30T08:30+01:00', '2028-02-29T00:00:00Z'])(
  '%s is a moment',
  (text) => expect(nextMoment(text, noon)).toBe(Date.parse(text)),
)

test.each([
  '2026-02-30T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2026-11-31T08:00:00Z',
  '2026-11-30T24:00:00Z',
  '2026-11-30T08:30:60Z',
  '2026-11-30T08:30:00+25:00',
  '24:00',
  '8:30',
  'tomorrow',
  '2026-11-21',
  '2026-11-21T08:00',
  '2026-13-01T00:00:00Z',
])('%s is not a moment', (text) => expect(nextMoment(text, noon)).toBeUndefined())

test('a moment is written as it is here and as everybody can read it', () => {
  expect(writeMoment(noon)).toMatch(/^2026-11-21 12:00:00 \((2026-11-2\d )?\d\d:\d\d:\d\d UTC\)$/)
})
