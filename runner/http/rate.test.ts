import { expect, test } from 'vitest'
import { perMinute } from './rate.ts'

test('each key may do so much within any minute, and one key takes nothing from another', () => {
  let at = 0
  const may = perMinute(3, () => at)
  expect([may('a'), may('a'), may('a'), may('a'), may('b')]).toEqual([true, true, true, false, true])
  at = 59_999
  expect(may('a')).toBe(false)
  at = 60_001
  expect(may('a')).toBe(true)
})
