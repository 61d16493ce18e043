import { expect, test } from 'vitest'
import { distinctTitles } from './distinct-titles.ts'

test('a title that several documents share carries its folder, else the whole address', () => {
  const titles = {
    'db/readme': 'README',
    'web/readme': 'README',
    'web/other': 'README',
    readme: 'README',
    one: 'One',
  }
  const documents = Object.entries(titles).map(([slug, title]) => ({ slug, title }))
  expect([...distinctTitles(documents).values()]).toEqual([
    'README (db)',
    'README (web/readme)',
    'README (web/other)',
    'README (readme)',
    'One',
  ])
})
