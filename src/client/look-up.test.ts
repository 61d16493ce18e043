import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeLookUp } from './look-up.ts'

const pages = ['database locks pile up', 'database is full', 'high latency of the database']
const titleWords = Promise.resolve(['database', 'locks', 'pile', 'full', 'high', 'latency'])

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An index of three pages: each has the words that it is found by. */
function index() {
  const queries: string[] = []
  const find = (query: string): string[] => {
    const words = query.replaceAll('"', '').toLowerCase().split(' ')
    return pages.filter((page) => words.every((word) => page.includes(word)))
  }
  const lookUp = makeLookUp<string>(
    Promise.resolve({
      search: (query) => Promise.resolve({ results: find(query) }),
      debouncedSearch: (query) => {
        queries.push(query)
        return Promise.resolve({ results: find(query) })
      },
    }),
    titleWords,
  )
  return { lookUp, queries }
}

test('a query is looked for once in each pause of the person who types', async () => {
  const { lookUp, queries } = index()
  const [list, other] = [{}, {}]
  const answers: ReturnType<typeof lookUp>[] = []
  for (const typed of ['d', 'da', 'dat', 'data']) {
    answers.push(lookUp(list, typed, {}))
    await vi.advanceTimersByTimeAsync(80)
  }
  await vi.advanceTimersByTimeAsync(200)
  answers.push(lookUp(list, 'database locks', {}), lookUp(other, 'full', {}))
  await vi.advanceTimersByTimeAsync(200)
  answers.push(lookUp(list, 'gone', {}), lookUp(list, '', {}))
  await vi.advanceTimersByTimeAsync(200)
  expect(queries).toEqual(['data', 'database locks', 'full'])
  expect((await Promise.all(answers)).map((answer) => answer?.results.length)).toEqual([
    undefined,
    undefined,
    undefined,
    3,
    1,
    1,
    undefined,
    undefined,
  ])
})

test.each([
  ['database', 'database', pages],
  ['databsae', 'database', pages],
  ['databse locks', 'database locks', [pages[0]]],
  ['HighLatency', 'High Latency', [pages[2]]],
  ['database nowhere', 'database', pages],
])('the results of %s are those of %s, in the same order', async (query, used, results) => {
  const answer = index().lookUp({}, query, {})
  await vi.advanceTimersByTimeAsync(200)
  expect(await answer).toEqual({ used, results })
})
