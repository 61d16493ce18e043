import { expect, test } from 'vitest'
import { drillPromise, lapsedWords } from './drill.ts'

const now = Date.parse('2026-12-01T00:00:00Z')
const drill = { every: '90d', inputs: {}, faults: [], ends: 'succeeded' as const }

test('a promise of drills counts from the last drill, before the first one from the review, and else has lapsed', () => {
  const words = (reviewed: string | undefined, last: string | undefined): string | undefined =>
    lapsedWords(drillPromise({ drill, ...(reviewed === undefined ? {} : { reviewed }) }, last, now))
  expect(words('2026-11-21', undefined)).toBeUndefined()
  expect(words('2026-05-01', undefined)).toBe('no drill yet, promised every 90d')
  expect(words(undefined, undefined)).toBe('no drill yet, promised every 90d')
  expect(words('2026-05-01', '2026-11-01T10:00:00Z')).toBeUndefined()
  expect(words('2026-11-21', '2026-05-01T10:00:00Z')).toBe('last drill on 2026-05-01, promised every 90d')
})
