import { expect, test } from 'vitest'
import { respell } from './spelling.ts'

const words = ['database', 'locks', 'high', 'latency', 'rollback', 'error', 'rate']
const onPages = (word: string): Promise<boolean> => Promise.resolve(['hosts', 'rates'].includes(word))

test.each([
  ['databse locks', 'database locks'],
  ['hgih latncy', 'high latency'],
  ['Rolback', 'rollback'],
  ['high laten', 'high laten'],
  ['kil eror', 'kil error'],
  ['hosts rates', 'hosts rates'],
  ['kubernetes', 'kubernetes'],
])('the search for %s looks for %s', async (query, meant) => {
  expect(await respell(query, words, onPages)).toBe(meant)
})
