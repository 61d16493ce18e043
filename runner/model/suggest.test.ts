import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { suggest, suggester } from './suggest.ts'

test('the nearest name is suggested, a swap of neighbors counts once, and what is far is not', () => {
  expect(suggest('relaese', ['rollback', 'release', 'releases'])).toBe('release')
  expect(suggest('Checklsit', ['checklist'])).toBe('checklist')
  expect(suggest('x', ['release'])).toBeUndefined()
})

test('a word with up to a third of its letters wrong finds its name', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 6, maxLength: 20 })
  fc.assert(
    fc.property(letters, fc.nat(), fc.nat(), (name, first, second) => {
      const wrong = Array.from(name)
      wrong[first % name.length] = '-'
      wrong[second % name.length] = '+'
      expect(suggest(wrong.join(''), ['zzzzzzzzzz', name])).toBe(name)
    }),
  )
})

test('a library with thousands of dead links is looked through for the first of them only', () => {
  const names = Array.from({ length: 800 }, (_, at) => `alerts-of-the-storage-${at}`)
  const near = suggester(names)
  const suggestions = Array.from({ length: 6_000 }, (_, at) => near(`alerts-of-teh-storage-${at}`))
  expect(suggestions[0]).toBe('alerts-of-the-storage-0')
  expect(suggestions.filter((name) => name !== undefined)).toHaveLength(200)
  expect(near('alerts-of-teh-storage-0')).toBe('alerts-of-the-storage-0')
})
