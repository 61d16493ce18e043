import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { LIMITS, type Look, addLook, emptyWatch, fired } from '../../scripts/domain/rollback-triggers.ts'
import { runScript } from './support.ts'

/** What fires after these looks, five seconds apart. */
function after(looks: readonly Partial<Look>[], limits = LIMITS): string[] {
  const watch = looks.reduce<typeof emptyWatch>(
    (seen, look, index) => addLook(seen, { at: index * 5000, healthy: true, ...look }),
    emptyWatch,
  )
  return fired(watch, limits)
}

const healths = (...results: boolean[]): Partial<Look>[] =>
  results.map((healthy) => ({ healthy, answers: 0 }))

test('health: two failed checks in a row are tolerated, the third fires, and a good one starts anew', () => {
  expect(after(healths(true, false, false))).toEqual([])
  expect(after(healths(true, false, false, true, false, false))).toEqual([])
  expect(after(healths(true, false, false, false))).toEqual(['health: 3 checks failed in a row'])
})

test('errors: ten in a hundred answers are tolerated, the eleventh fires', () => {
  const looks = (errors: number): Partial<Look>[] => [
    { answers: 1000, errors: 500 },
    { answers: 1100, errors: 500 + errors },
  ]
  expect(after(looks(10))).toEqual([])
  expect(after(looks(11))).toEqual(['errors: 11 in a hundred answers'])
})

test('errors: only the last hundred answers count, however many come between two looks', () => {
  expect(
    after([
      { answers: 0, errors: 0 },
      { answers: 10, errors: 10 },
      { answers: 500, errors: 10 },
    ]),
  ).toEqual([])
  expect(
    after([
      { answers: 0, errors: 0 },
      { answers: 1000, errors: 110 },
    ]),
  ).toEqual(['errors: 11 in a hundred answers'])
})

test('restarts: three within five minutes are tolerated, the fourth fires, old ones are forgotten', () => {
  const starts = (...at: number[]): Partial<Look>[] =>
    at.map((time, index) => ({ at: time * 1000, startedAt: index, answers: 0 }))
  expect(after(starts(0, 10, 20, 30))).toEqual([])
  expect(after(starts(0, 10, 20, 30, 40))).toEqual(['restarts: 4 within five minutes'])
  expect(after(starts(0, 10, 20, 30, 311))).toEqual([])
})

test('a process that began anew counts from zero', () => {
  const looks = [
    { startedAt: 1, answers: 900, errors: 0 },
    { startedAt: 2, answers: 50, errors: 11 },
  ]
  expect(after(looks)).toEqual(['errors: 11 in a hundred answers'])
})

test('what could not be read in between is not taken for zero', () => {
  const looks = [{ answers: 100, errors: 50 }, { healthy: false }, { answers: 150, errors: 60 }]
  expect(after(looks)).toEqual([])
})

test('memory: as much as is tolerated does not fire, one more does', () => {
  const limits = { ...LIMITS, memory: 100 }
  expect(after([{ memory: 100 }], limits)).toEqual([])
  expect(after([{ memory: 101 }], limits)).toEqual(['memory: 101 bytes'])
})

test('CPU: held back in a quarter of the periods is tolerated, one more period fires', () => {
  const looks = (held: number): Partial<Look>[] => [
    { periods: 1000, throttledPeriods: 900 },
    { periods: 1100, throttledPeriods: 900 + held },
  ]
  expect(after(looks(25))).toEqual([])
  expect(after(looks(26))).toEqual(['CPU: held back in 26 % of the periods'])
  expect(after([{ answers: 1, errors: 0 }])).toEqual([])
})

test('as a program it ends with 1 at the look at which a process is held back too much', async () => {
  let looks = 0
  const server = createServer((request, response) => {
    if (request.url === '/metrics') looks++
    const [periods, held] = [looks * 100, Math.max(0, looks - 2) * 26]
    response.end(
      `# TYPE container_cpu_cfs_periods counter\ncontainer_cpu_cfs_periods_total ${periods}\n# TYPE container_cpu_cfs_throttled_periods counter\ncontainer_cpu_cfs_throttled_periods_total ${held}\n# EOF\n`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ran = await runScript('triggers.ts', '--url', url, '--for', '1m', '--interval', '10ms')
  server.close().closeAllConnections()
  expect([ran.code, ran.stdout]).toEqual([1, 'FIRED CPU: held back in 26 % of the periods\n'])
})

test('four looks in a row without metrics are tolerated, the fifth fires, and a good one starts anew', () => {
  const unread = (count: number): Partial<Look>[] => Array.from({ length: count }, () => ({}))
  const read: Partial<Look> = { answers: 10, errors: 0 }
  expect(after([read, ...unread(4)])).toEqual([])
  expect(after([read, ...unread(4), read, ...unread(4)])).toEqual([])
  expect(after([read, ...unread(5)])).toEqual(['metrics: 5 looks in a row counted no answers'])
})

test.each([
  ['answers 500', 500, 'http_requests_total 5\n'],
  ['cannot be parsed', 200, '<html>'],
  ['counts no requests', 200, '# TYPE up gauge\nup 1\n# EOF\n'],
])('a watch whose metrics page %s is inconclusive and exits with 1', async (_, status, body) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/metrics' ? status : 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const short = await runScript('triggers.ts', '--url', url, '--for', '20ms', '--interval', '10ms')
  const long = await runScript('triggers.ts', '--url', url, '--for', '1m', '--interval', '10ms')
  server.close().closeAllConnections()
  expect([short.code, short.stdout]).toEqual([
    1,
    `INCONCLUSIVE the last look counted no answers: ${url}/metrics\n`,
  ])
  expect([long.code, long.stdout]).toEqual([1, 'FIRED metrics: 5 looks in a row counted no answers\n'])
})
