import { expect, test } from 'vitest'
import { timeTicks } from './time-ticks.ts'

test('an axis of time has whole minutes and hours', () => {
  expect(timeTicks(2.2 * 3_600_000)).toEqual([0, 1_800_000, 3_600_000, 5_400_000, 7_200_000])
  expect(timeTicks(140)).toEqual([0, 50, 100])
  expect(timeTicks(66 * 86_400_000)).toEqual([0, 20, 40, 60].map((days) => days * 86_400_000))
})
