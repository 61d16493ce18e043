import { expect, test } from 'vitest'
import { memo } from './memo.ts'

test('a value is made once, also where it is undefined, and again when too many were kept', () => {
  const made: string[] = []
  const read = memo(2, (key) => {
    made.push(key)
    return key === 'none' ? undefined : key.length
  })
  expect([read('one'), read('one'), read('none'), read('none')]).toEqual([3, 3, undefined, undefined])
  expect(made).toEqual(['one', 'none'])
  read('three')
  expect(read('one')).toBe(3)
  expect(made).toEqual(['one', 'none', 'three', 'one'])
})
