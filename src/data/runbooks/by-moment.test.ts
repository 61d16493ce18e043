import { expect, test } from 'vitest'
import { byMoment, momentOf, topFolder } from './by-moment.ts'
import type { Page } from './runbook-pages.ts'

const alarming = new Set(['burn', 'rollout'])
const page = (slug: string, meta: Page['meta'] = {}): Page => ({ slug, meta }) as Page

test('a moment is the one that is written, or follows from figure, alert and severity', () => {
  expect(momentOf(page('any', { moment: 'alert' }), alarming)).toBe('alert')
  expect(momentOf(page('rollout', { counts: 'release' }), alarming)).toBe('release')
  expect(momentOf(page('burn'), alarming)).toBe('alert')
  expect(momentOf(page('bad', { severity: 'P1' }), alarming)).toBe('alert')
  expect(momentOf(page('clean'), alarming)).toBe('routine')
})

test('runbooks are in the order in which a person in a hurry needs them, and an empty moment is left out', () => {
  const groups = byMoment([page('clean'), page('burn')], alarming)
  expect(groups.map(({ moment, pages }) => [moment, pages.length])).toEqual([
    ['alert', 1],
    ['routine', 1],
  ])
})

test('a document lies in the folder at the top of its path', () => {
  expect([topFolder('a/b/c'), topFolder('a')]).toEqual(['a/', ''])
})
