import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server does when it is asked: it never answers, closes its port for good, or repeats an old sample. */
type Refusal = { does: 'hang' | 'leave' | 'repeat' }

export interface MetricCase {
  name: string
  /** The list in the gate's fence. */
  gate: string
  /** Attributes beside the common ones. */
  settings?: Record<string, string | number>
  /** The page at `t` looks after the watch began. It may be asked for before: then `t` is negative. */
  page: (t: number) => string | Refusal
  verdict: 'passed' | 'passed-with-violations' | 'failed' | 'inconclusive'
}

const errors = `
- ratio: { bad: 'http_requests_total{color="green",code=~"5.."}', total: 'http_requests_total{color="green"}' }
  below: 1%
`
const slow = (limit: string): string => `
- quantile: { histogram: 'http_request_duration_seconds{color="green"}', q: 0.95 }
  below: ${limit}
`
const gauge = (side: string): string => `
- value: 'temperature_ratio'
  ${side}: 0.5
`

const count = (perLook: number, t: number): number => Math.max(0, Math.floor(perLook * (t + 5)))
const requests = (code: number, value: number, color = 'green'): string =>
  `http_requests_total{color="${color}",code="${code}"} ${value}\n`
const healthy = (t: number): string => requests(200, count(100, t))
const histogram = (bounds: readonly number[], counts: readonly number[]): string =>
  [...bounds.map(String), '+Inf']
    .map(
      (bound, index) =>
        `http_request_duration_seconds_bucket{color="green",le="${bound}"} ${counts[index]}\n`,
    )
    .join('')

/** Each holds for both sources: a metrics page read directly, and the same page through a Prometheus server. */
export const metricCases: readonly MetricCase[] = [
  {
    name: 'good from beginning to end',
    gate: errors,
    page: (t) => healthy(t) + requests(500, 0),
    verdict: 'passed',
  },
  { name: 'good, and no 5xx series yet', gate: errors, page: healthy, verdict: 'passed' },
  {
    name: 'five percent are errors',
    gate: errors,
    page: (t) => healthy(t) + requests(500, count(5, t)),
    verdict: 'failed',
  },
  {
    name: 'ten errors on a series born at ten',
    gate: errors,
    page: (t) => healthy(t) + (t >= 3 ? requests(500, 10) : ''),
    settings: { range: 8 },
    verdict: 'failed',
  },
  {
    name: 'a process that starts again counts from zero',
    gate: errors,
    page: (t) => requests(200, t < 6 ? count(100, t) : count(100, t - 11)),
    verdict: 'passed',
  },
  {
    name: 'errors of a process that started again are seen',
    gate: errors,
    page: (t) =>
      t < 6 ? healthy(t) + requests(500, 400) : requests(200, count(100, t - 11)) + requests(500, 90),
    verdict: 'failed',
  },
  { name: 'no traffic', gate: errors, page: () => requests(200, 500), verdict: 'inconclusive' },
  {
    name: 'less traffic than says anything',
    gate: errors,
    settings: { minTraffic: 5000 },
    page: healthy,
    verdict: 'inconclusive',
  },
  { name: 'no series at all', gate: errors, page: () => '# nothing\n', verdict: 'inconclusive' },
  {
    name: 'only the other color has series',
    gate: errors,
    page: (t) => requests(200, count(100, t), 'blue'),
    verdict: 'inconclusive',
  },
  {
    name: 'a counter is NaN',
    gate: errors,
    page: () => `http_requests_total{color="green",code="200"} NaN\n`,
    verdict: 'inconclusive',
  },
  {
    name: 'a gauge is NaN',
    gate: gauge('below'),
    page: () => 'temperature_ratio NaN\n',
    verdict: 'inconclusive',
  },
  {
    name: 'a gauge is +Inf and may be at most',
    gate: gauge('below'),
    page: () => 'temperature_ratio +Inf\n',
    verdict: 'failed',
  },
  {
    name: 'a gauge is -Inf and may be at most',
    gate: gauge('below'),
    page: () => 'temperature_ratio -Inf\n',
    verdict: 'failed',
  },
  {
    name: 'a gauge is +Inf and must be at least',
    gate: gauge('above'),
    page: () => 'temperature_ratio +Inf\n',
    verdict: 'inconclusive',
  },
  {
    name: 'a gauge equals its limit',
    gate: gauge('below'),
    page: () => 'temperature_ratio 0.5\n',
    verdict: 'failed',
  },
  {
    name: 'two series and no word on what to do with them',
    gate: gauge('below'),
    page: () => 'temperature_ratio{at="1"} 0.1\ntemperature_ratio{at="2"} 0.1\n',
    verdict: 'inconclusive',
  },
  {
    name: 'the worst of two series counts',
    gate: `${gauge('below')}  reduce: all\n`,
    page: () => 'temperature_ratio{at="1"} 0.1\ntemperature_ratio{at="2"} 0.9\n',
    verdict: 'failed',
  },
  {
    name: 'a series that must be there is not',
    gate: `${gauge('below')}  expect: ['at="2"']\n`,
    page: () => 'temperature_ratio{at="1"} 0.1\n',
    verdict: 'inconclusive',
  },
  {
    name: 'fast enough',
    gate: slow('1000ms'),
    page: (t) => histogram([0.5, 1, 5], [count(96, t), count(100, t), count(100, t), count(100, t)]),
    verdict: 'passed',
  },
  {
    name: 'too slow',
    gate: slow('1000ms'),
    page: (t) => histogram([0.5, 1, 5], [count(50, t), count(60, t), count(100, t), count(100, t)]),
    verdict: 'failed',
  },
  {
    name: 'slower than the largest bucket, with the limit beyond it',
    gate: slow('10s'),
    page: (t) => histogram([0.5, 1, 5], [0, 0, 0, count(100, t)]),
    verdict: 'failed',
  },
  {
    name: 'the newest sample is old',
    gate: gauge('below'),
    settings: { stale: 3 },
    page: () => ({ does: 'repeat' }),
    verdict: 'inconclusive',
  },
  {
    name: 'stopped in mid-gate',
    gate: errors,
    page: (t) => (t < 5 ? healthy(t) : { does: 'leave' }),
    verdict: 'inconclusive',
  },
  {
    name: 'hangs in mid-gate',
    gate: errors,
    page: (t) => (t < 5 ? healthy(t) : { does: 'hang' }),
    verdict: 'inconclusive',
  },
  {
    name: 'a value beside a good ratio is no data',
    gate: errors + gauge('below'),
    page: healthy,
    verdict: 'inconclusive',
  },
]

export interface MetricsServer {
  url: string
  port: number
  close(): Promise<void>
}

/** Serves a case in the format its `time` asks for. `time` says how many looks have passed. */
export async function serveCase(one: MetricCase, time: () => number): Promise<MetricsServer> {
  const stamp = Date.now()
  const server = createServer((_, response) => {
    const page = one.page(time())
    const does = typeof page === 'string' ? undefined : page.does
    if (does === 'hang') return
    if (does === 'leave') {
      response.destroy()
      server.close()
      return
    }
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(typeof page === 'string' ? page : `temperature_ratio 0.1 ${stamp}\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
