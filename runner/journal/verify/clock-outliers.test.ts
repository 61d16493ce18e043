import { expect, test } from 'vitest'
import { clockOutliers } from './clock-outliers.ts'

const hour = 3_600_000
const at = (...minutes: number[]): number[] => minutes.map((minute) => minute * 60_000)
const wrong = (times: readonly number[]): number[] => [...clockOutliers(times, 5000)]

test('times that only go on, or go back by what synchronization takes, are all right', () => {
  expect(wrong([])).toEqual([])
  expect(wrong([0, 1, 2, 2, 3])).toEqual([])
  expect(wrong([10_000, 6_000, 11_000, 9_000])).toEqual([])
})

test.each([
  ['ahead', 180],
  ['behind', -180],
])(
  'a clock that was three hours %s for one run is found, and the runs before and after are not',
  (_, off) => {
    expect(wrong(at(0, 1, 10 + off, 11 + off, 20, 21))).toEqual([2, 3])
    expect(wrong(at(0, 1, 2, 3, 10 + off, 11 + off, 20, 21, 30, 31))).toEqual([4, 5])
  },
)

test('the newest of several runs that was dated back is found', () => {
  expect(wrong(at(0, 1, 10, 11, 20, -60, -59))).toEqual([5, 6])
})

test('of two runs that disagree, the one that was there first stands', () => {
  expect(wrong([0, 1000, -hour, 1000 - hour])).toEqual([2, 3])
})

test('a hundred thousand lines with a thousand wrong ones take less than two seconds', () => {
  const times = Array.from({ length: 100_000 }, (_, index) => index * 1000 + (index % 100 === 50 ? hour : 0))
  const before = process.cpuUsage()
  expect(wrong(times)).toHaveLength(1000)
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
})
