import { expect, test } from 'vitest'
import type { Clock } from '../kind.ts'
import { sampleData } from './record.ts'
import { parseMetricList } from './spec.ts'
import { seriesKey } from './snapshot.ts'
import type { Series, Snapshot } from './snapshot.ts'
import type { ReadMetrics } from './sources/metric-source.ts'
import { watch } from './watch.ts'
import type { Sample, Watched, WatchOptions } from './watch.ts'
import { failure, orThrow, success } from '../../model/problem.ts'

const list = `
- ratio: { bad: 'requests_total{code="500"}', total: requests_total }
  below: 1%
`

interface Steered extends Clock {
  now: number
  wallAhead: number
}

function steeredClock(): Steered {
  const clock: Steered = {
    now: 0,
    wallAhead: 0,
    monotonic: () => clock.now,
    wall: () => 1_000_000 + clock.now + clock.wallAhead,
    async sleep(ms) {
      clock.now += ms
    },
  }
  return clock
}

type Counts = Record<string, number>

/** A snapshot of requests by code on one target. */
function snapshot(at: number, counts: Counts, target = 'a', startedAt?: number): Snapshot {
  const series = Object.entries(counts).map(([code, value]): Series => {
    const name = 'requests_total'
    return { key: seriesKey(target, name, { code }), target, name, labels: { code }, value }
  })
  return { at, targets: new Map([[target, startedAt]]), series, stale: [] }
}

interface Run {
  clock?: Steered
  options?: Partial<WatchOptions>
  /** What the look of this number (from 0) finds. */
  read: (look: number, clock: Steered) => Snapshot | { error: string }
}

async function run({ clock = steeredClock(), options = {}, read }: Run) {
  const samples: Sample[] = []
  const metrics = orThrow(parseMetricList(list))
  let looks = 0
  const source: ReadMetrics = async () => {
    const reading = read(looks++, clock)
    return 'error' in reading
      ? failure(reading.error)
      : success({ snapshot: reading, answers: new Map(), notes: [] })
  }
  const watched: Watched = await watch({
    metrics,
    read: source,
    rules: { expected: 10, maxViolations: 3, maxNoData: 4, maxErrors: 4, minSamples: 0.8, settle: 2 },
    intervalMs: 1000,
    rangeMs: 60_000,
    warmup: 0,
    minTraffic: 1,
    onPartial: 'inconclusive',
    clock,
    signal: new AbortController().signal,
    onSample: (sample) => void samples.push(sample),
    ...options,
  })
  return { watched, samples, clock }
}

const growing = (look: number, { clock = 0, bad = 0 } = {}): Snapshot =>
  snapshot(clock, { 200: 100 * look, ...(bad > 0 ? { 500: bad * look } : {}) })

test.each<[string, (look: number) => Counts]>([
  [
    'a total that is infinite again and again',
    (look) => ({ 200: look % 2 === 0 ? 5 : Infinity, 500: 10 * look }),
  ],
  ['errors below zero', (look) => ({ 200: 100 * look, 500: -10 * look - 1 })],
  ['a total below zero', (look) => ({ 200: look % 2 === 0 ? -900 : 100, 500: 1 })],
])('%s never passes', async (_, counts) => {
  const { watched } = await run({ read: (look, clock) => snapshot(clock.wall(), counts(look)) })
  expect(watched.verdict).not.toMatch(/^passed/)
})

test('a share of exactly the limit violates, and a little less does not', async () => {
  const at = await run({ read: (look) => snapshot(0, { 200: 99 * look, 500: look }) })
  expect(at.watched.verdict).toBe('failed')
  expect(at.samples.at(-1)?.metrics[0]?.value).toBe(0.01)
  const below = await run({ read: (look) => snapshot(0, { 200: 100 * look, 500: look }) })
  expect(below.watched.verdict).toBe('passed')
})

test('ten errors on a series born at ten are ten', async () => {
  const { samples } = await run({
    read: (look) => snapshot(0, { 200: 100 * look, ...(look >= 2 ? { 500: 10 } : {}) }),
  })
  expect(samples[2]?.metrics[0]?.parts['bad']).toBe('10')
})

test('an old process that is found again is not a spike, and a young one counts from zero', async () => {
  const processSince = (startedAt: number) => (look: number) =>
    look < 2
      ? snapshot(1_000_000, { 200: 100 * look }, 'a')
      : {
          ...snapshot(1_000_000, { 200: 100 * look }, 'a'),
          targets: new Map<string, number | undefined>([
            ['a', undefined],
            ['b', startedAt],
          ]),
          series: [...snapshot(0, { 200: 100 * look }, 'a').series, ...snapshot(0, { 500: 700 }, 'b').series],
        }
  expect((await run({ read: processSince(5) })).watched.verdict).toBe('passed')
  expect((await run({ read: processSince(1001) })).watched.verdict).toBe('failed')
})

test('looks during the warmup are recorded and not counted, and their errors do not reach into the watch', async () => {
  const { watched, samples } = await run({
    options: { warmup: 3 },
    read: (look) => snapshot(0, { 200: 100 * look, 500: 50 * Math.min(look, 3) }),
  })
  expect(samples.map(({ phase }) => phase).slice(0, 5)).toEqual([
    'first',
    'warmup',
    'warmup',
    'warmup',
    'counted',
  ])
  expect(samples.slice(1, 4).map(({ verdict }) => verdict)).toEqual(['violation', 'violation', 'violation'])
  expect(watched).toMatchObject({ verdict: 'passed', tally: { violations: 0, ticks: 10 } })
})

test('what a machine slept through has no data, even when only the wall clock has noticed', async () => {
  const { watched, samples } = await run({
    read(look, clock) {
      if (look === 3) clock.wallAhead = 6500
      return growing(look)
    },
  })
  expect(samples.slice(4, 9).map(({ verdict, reason }) => [verdict, reason.split(':')[0]])).toEqual(
    Array.from({ length: 5 }, () => ['no-data', 'the tick was missed']),
  )
  expect(watched.verdict).toBe('inconclusive')
})

test('a wall clock that is set back changes nothing', async () => {
  const { watched, clock } = await run({
    read(look, own) {
      own.wallAhead = -look * 100_000
      return growing(look)
    },
  })
  expect([watched.verdict, clock.now]).toEqual(['passed', 10_000])
})

test('a watch that is stopped is aborted, however good it was', async () => {
  const stop = new AbortController()
  const { watched } = await run({
    options: { signal: stop.signal },
    read(look) {
      if (look === 9) stop.abort()
      return growing(look)
    },
  })
  expect(watched).toMatchObject({ verdict: 'aborted', tally: { ok: 8 } })
})

test('after an error the next try comes within ten seconds, and both errors count', async () => {
  const { samples, watched } = await run({
    options: { intervalMs: 25_000 },
    read: (look) => (look >= 2 ? { error: 'refused' } : growing(look)),
  })
  expect(samples.slice(2).map(({ tick, phase, at }) => [tick, phase, at])).toEqual([
    [2, 'again', 50_000],
    [2, 'again', 60_000],
    [2, 'counted', 70_000],
    [3, 'again', 75_000],
    [3, 'again', 85_000],
  ])
  expect(watched.reason).toBe('is inconclusive: 5 errors in a row, more than 4; the last: refused')
})

test('when the first look fails, the next good one is what counters are compared with', async () => {
  const { samples, watched } = await run({
    read: (look) => (look === 0 ? { error: 'refused' } : growing(look)),
  })
  expect(samples.slice(0, 3).map(({ verdict }) => verdict)).toEqual(['error', 'no-data', 'ok'])
  expect(watched.verdict).toBe('passed')
})

test('a longer watch goes on from the violations there were', async () => {
  const { watched } = await run({
    options: { violations: 3 },
    read: (look) => growing(look, { bad: look === 1 ? 2 : 0 }),
  })
  expect(watched).toMatchObject({ verdict: 'failed', tally: { violations: 4, ticks: 1 } })
})

test('a sample is recorded with its query, its value as text, its limit and its verdict', async () => {
  const { samples } = await run({ read: (look) => growing(look) })
  expect(sampleData(samples[1] as Sample)).toEqual({
    tick: 1,
    of: 10,
    phase: 'counted',
    verdict: 'ok',
    atMs: 1000,
    reason: 'requests ratio: 0 %, limit below 1%',
    counted: 1,
    ok: 1,
    violations: 0,
    metrics: [
      {
        name: 'requests ratio',
        query: 'requests_total{code="500"} / requests_total',
        verdict: 'ok',
        value: '0',
        side: 'below',
        limit: '0.01',
        limitText: '1%',
        unit: '%',
        factor: '0.01',
        reason: '0 %, limit below 1%',
        bad: '0',
        total: '100',
        sinceStart: '0',
      },
    ],
  })
})
