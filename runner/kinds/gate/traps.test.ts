import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRequest } from '../../engine/process/send-request.ts'
import type { Clock } from '../kind.ts'
import { makeGate } from './gate.ts'
import { params } from './gate-params.ts'
import type { Sample } from './watch.ts'
import { orThrow } from '../../model/problem.ts'

/** Answers that look good at a glance. None may pass a gate. */

interface Answer {
  status?: number
  headers?: Record<string, string>
  body: string
}
/** What is answered at look `t`, from 0; a text is a body. */
type Serve = (t: number, query: string) => Answer | string

const looks = 6
const intervalMs = 1000
const hour = 3600
/** Seconds since the epoch at look `t`, by the clock of the watch. */
const beginning = Math.floor(Date.now() / 1000)
const time = (t: number): number => beginning + t

let server: Server
let url: string
let serve: Serve
let looked = 0

function queryOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://x').searchParams.get('query') ?? ''
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = serve(looked, queryOf(request))
    const { status = 200, headers = {}, body } = typeof answer === 'string' ? { body: answer } : answer
    response.writeHead(status, headers).end(body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

async function watched(path: string, list: string, answers: Serve, more: object = {}) {
  serve = answers
  looked = 0
  let now = 0
  const clock: Clock = {
    monotonic: () => now,
    wall: () => beginning * 1000 + now,
    async sleep(ms) {
      now += ms
      looked = Math.round(now / intervalMs)
    },
  }
  const { signal } = new AbortController()
  const settings = params.parse({
    source: `${url}${path}`,
    for: `${looks}s`,
    interval: '1s',
    ...more,
  })
  const http = (request: Parameters<typeof sendRequest>[0]) => sendRequest(request, undefined, signal)
  const gate = orThrow(makeGate(list, settings, { http, clock, signal }))
  const samples: Sample[] = []
  const { verdict } = await gate.watch((sample) => void samples.push(sample))
  return { verdict, said: samples.map((one) => `${one.verdict}: ${one.reason}`).join('\n') }
}

const errors = '- ratio: { bad: \'req_total{code="500"}\', total: req_total }\n  below: 1%'
const slow = '- quantile: { histogram: lat_seconds, q: 0.95 }\n  below: 1000ms'
const depth = '- value: queue_depth\n  below: 10'
const rate = '- rate: req_total\n  above: 1/s'
const asked = "- query: 'sum(queue_depth)'\n  below: 10"
const ranged = "- query: 'sum(rate(req_total[1m]))'\n  below: 1000"

/** Bodies of the API of Prometheus. */
const success = (data: object, beside: object = {}): string =>
  JSON.stringify({ status: 'success', ...beside, data })
const vector = (value: unknown, at: number, metric: object = {}): object => ({
  resultType: 'vector',
  result: [{ metric, value: [at, value] }],
})
const now = (t: number): string => success({ resultType: 'scalar', result: [time(t), String(time(t))] })
const series = (metric: object, values: [number, unknown][]): object => ({ metric, values })
const matrix = (...result: object[]): object => ({ resultType: 'matrix', result })
const target = { job: 'j', instance: 'i' }
/** A counter that grows by `each` a look, with samples of the last minute. */
const counter = (labels: object, each: number, t: number): object =>
  series({ __name__: 'req_total', ...target, ...labels }, [
    [time(t) - 2, String(1000 + each * (t - 2))],
    [time(t) - 1, String(1000 + each * (t - 1))],
    [time(t), String(1000 + each * t)],
  ])

/** A healthy server; `instead` answers what is to be a trap. */
const api =
  (instead: (query: string, t: number) => Answer | string | undefined): Serve =>
  (t, query) => {
    const trap = instead(query, t)
    if (trap !== undefined) return trap
    if (query === 'time()') return now(t)
    if (query.startsWith('up')) return success(vector('1', time(t), target))
    if (query.startsWith('process_start')) return success({ resultType: 'vector', result: [] })
    if (query === 'req_total{code="500"}[5m]') return success(matrix(counter({ code: '500' }, 0, t)))
    if (query === 'req_total[5m]')
      return success(matrix(counter({ code: '200' }, 100, t), counter({ code: '500' }, 0, t)))
    if (query.startsWith('queue_depth')) return success(matrix(gauge('3', time(t))))
    return success(vector('3', time(t)))
  }
const gauge = (value: unknown, at: number, name = 'queue_depth'): object =>
  series({ __name__: name, ...target }, [
    [at - 15, value],
    [at, value],
  ])
/** The same trap for a query and for raw samples. */
const only = (which: string, answer: (t: number) => Answer | string): Serve =>
  api((query, t) => (query.startsWith(which) ? answer(t) : undefined))

const buckets = (t: number, bounds: Record<string, number>, each = 1): object =>
  matrix(
    ...Object.entries(bounds).map(([le, count]) =>
      series({ __name__: 'lat_seconds_bucket', ...target, le }, [
        [time(t) - 1, String(count * each * (t + 4))],
        [time(t), String(count * each * (t + 5))],
      ]),
    ),
  )
const histogram = (bounds: Record<string, number>): Serve =>
  only('lat_seconds', (t) => success(buckets(t, bounds)))

const partial = ['store gateway-2: context deadline exceeded; results are partial']
const notNumbers = ['', ' ', '0x1', '0b1', '1_000', '1,5', 'none', 'null', '--1', '1e', '٣', '3 ms', 'true']

const controls: [string, string, string, Serve][] = [
  ['an API that is well', '', errors, api(() => undefined)],
  ['an API that is well, by a query', '', asked, api(() => undefined)],
  ['an API with a gauge', '', depth, api(() => undefined)],
  ['an API with buckets', '', slow, histogram({ '0.1': 90, '1': 100, '+Inf': 100 })],
  [
    'a page that is well',
    '/metrics',
    errors,
    (t) => `req_total{code="200"} ${1000 + 100 * t}\nreq_total{code="500"} 0\n`,
  ],
  ['a page with a gauge', '/metrics', depth, () => 'queue_depth 3\n'],
  ['a page with buckets', '/metrics', slow, (t) => page({ '0.1': 90, '1': 100, '+Inf': 100 }, t)],
  [
    'remarks on the query',
    '',
    asked,
    only('sum', (t) =>
      success(vector('3', time(t)), { infos: ['PromQL info: metric might not be a counter'] }),
    ),
  ],
]

function page(bounds: Record<string, number>, t: number): string {
  return Object.entries(bounds)
    .map(([le, count]) => `lat_seconds_bucket{le="${le}"} ${count * (t + 5)}\n`)
    .join('')
}

const api404: Serve = () => ({ status: 404, body: now(0) })
const traps: [string, string, string, Serve][] = [
  ...notNumbers.flatMap((text): [string, string, string, Serve][] => [
    [
      `the value ${JSON.stringify(text)} of a query`,
      '',
      asked,
      only('sum', (t) => success(vector(text, time(t)))),
    ],
    [
      `the value ${JSON.stringify(text)} of a gauge`,
      '',
      depth,
      only('queue_depth', (t) => success(matrix(gauge(text, time(t))))),
    ],
    [`the value ${JSON.stringify(text)} on a page`, '/metrics', depth, () => `queue_depth ${text}\n`],
  ]),
  ['a number that is no text', '', asked, only('sum', (t) => success(vector(3, time(t))))],
  ['null', '', asked, only('sum', (t) => success(vector(null, time(t))))],
  ['NaN', '', asked, only('sum', (t) => success(vector('NaN', time(t))))],
  ['an infinite value', '', asked, only('sum', (t) => success(vector('+Inf', time(t))))],
  ['an answer of an hour ago', '', asked, only('sum', (t) => success(vector('3', time(t) - hour)))],
  ['an answer of the next hour', '', asked, only('sum', (t) => success(vector('3', time(t) + hour)))],
  [
    'a scalar of an hour ago',
    '',
    asked,
    only('sum', (t) => success({ resultType: 'scalar', result: [time(t) - hour, '3'] })),
  ],
  [
    'samples of an hour ago',
    '',
    depth,
    only('queue_depth', (t) => success(matrix(gauge('3', time(t) - hour)))),
  ],
  [
    'samples of the next hour',
    '',
    depth,
    only('queue_depth', (t) => success(matrix(gauge('3', time(t) + hour)))),
  ],
  [
    'counters of an hour ago',
    '',
    errors,
    only('req_total', (t) => success(matrix(counter({ code: '200' }, 100, t - hour)))),
  ],
  [
    'a range whose samples are an hour old',
    '',
    ranged,
    only('req_total', (t) => success(matrix(counter({}, 100, t - hour)))),
  ],
  ['a server whose time is an hour ago', '', asked, (t, query) => api(() => undefined)(t - hour, query)],
  ['a server whose time stands still', '', asked, (_, query) => api(() => undefined)(0, query)],
  ['a server without time', '', asked, only('time', () => success({ resultType: 'vector', result: [] }))],
  [
    'a server whose time is no number',
    '',
    asked,
    only('time', (t) => success({ resultType: 'scalar', result: [time(t), ''] })),
  ],
  [
    'a cached answer of the API',
    '',
    asked,
    only('sum', (t) => ({ headers: { age: '3600' }, body: success(vector('3', time(t))) })),
  ],
  ['a cached page', '/metrics', depth, () => ({ headers: { age: '3600' }, body: 'queue_depth 3\n' })],
  [
    'a sample of an hour ago on a page',
    '/metrics',
    depth,
    (t) => `queue_depth 3 ${(time(t) - hour) * 1000}\n`,
  ],
  [
    'a sample of the next hour on a page',
    '/metrics',
    depth,
    (t) => `queue_depth 3 ${(time(t) + hour) * 1000}\n`,
  ],
  ['a sample whose time is no number', '/metrics', depth, () => 'queue_depth 3 0x1\n'],
  [
    'a partial answer to a query',
    '',
    asked,
    only('sum', (t) => success(vector('3', time(t)), { warnings: partial })),
  ],
  [
    'partial samples',
    '',
    depth,
    only('queue_depth', (t) => success(matrix(gauge('3', time(t))), { warnings: partial })),
  ],
  [
    'a partial list of targets',
    '',
    errors,
    only('up', (t) => success(vector('1', time(t), target), { warnings: partial })),
  ],
  [
    'isPartial of VictoriaMetrics',
    '',
    asked,
    only('sum', (t) => success(vector('3', time(t)), { isPartial: true })),
  ],
  [
    'isPartial for raw counters',
    '',
    errors,
    api((query, t) =>
      query === 'req_total[5m]'
        ? success(matrix(counter({ code: '200' }, 100, t)), { isPartial: true })
        : undefined,
    ),
  ],
  [
    'a partial answer told as an info',
    '',
    asked,
    only('sum', (t) => success(vector('3', time(t)), { infos: ['partial response: 1 of 3 stores'] })),
  ],
  [
    'a warning that series were dropped',
    '',
    asked,
    only('sum', (t) =>
      success(vector('3', time(t)), {
        warnings: ['PromQL warning: encountered a mix of histograms and floats for aggregation'],
      }),
    ),
  ],
  [
    'errors that a first partial answer hides',
    '',
    errors,
    api((query, t) =>
      query === 'req_total[5m]' && t === 0
        ? success(matrix(), { warnings: partial })
        : query === 'req_total{code="500"}[5m]'
          ? success(matrix(counter({ code: '500' }, 50, t)))
          : query === 'req_total[5m]'
            ? success(matrix(counter({ code: '200' }, 100, t), counter({ code: '500' }, 50, t)))
            : undefined,
    ),
  ],
  ['no series', '', asked, only('sum', () => success({ resultType: 'vector', result: [] }))],
  [
    'two series',
    '',
    asked,
    only('sum', (t) =>
      success({
        resultType: 'vector',
        result: [
          { metric: { a: '1' }, value: [time(t), '3'] },
          { metric: { a: '2' }, value: [time(t), '4'] },
        ],
      }),
    ),
  ],
  ['text', '', asked, only('sum', (t) => success({ resultType: 'string', result: [time(t), '3'] }))],
  [
    'an error with status 200',
    '',
    asked,
    only('sum', () => JSON.stringify({ status: 'error', errorType: 'execution', error: 'x' })),
  ],
  [
    'status 503 with a good body',
    '',
    asked,
    only('sum', (t) => ({ status: 503, body: success(vector('3', time(t))) })),
  ],
  ['status 404 with a good body', '', asked, api404],
  ['a page of a proxy', '', asked, () => '<html>Please sign in</html>'],
  ['half an answer', '', asked, only('sum', (t) => success(vector('3', time(t))).slice(0, -3))],
  ['an empty answer', '', asked, only('sum', () => '')],
  ['an answer of another API', '', asked, only('sum', () => '{"data":{"value":3}}')],
  ['a redirect', '', asked, only('sum', () => ({ status: 302, headers: { location: '/' }, body: '' }))],
  [
    'a page that redirects',
    '/metrics',
    depth,
    () => ({ status: 302, headers: { location: '/x' }, body: 'queue_depth 3\n' }),
  ],
  ['a page with status 500', '/metrics', depth, () => ({ status: 500, body: 'queue_depth 3\n' })],
  [
    'a page that was cut',
    '/metrics',
    depth,
    () => ({ headers: { 'content-type': 'application/openmetrics-text' }, body: 'queue_depth 3\n' }),
  ],
  ['a page that holds a series twice', '/metrics', depth, () => 'queue_depth 3\nqueue_depth 4\n'],
  ['a page without the series', '/metrics', depth, () => 'other 3\n'],
  ['an empty page', '/metrics', depth, () => ''],
  ['a page of HTML', '/metrics', depth, () => '<html>queue_depth 3</html>'],
  ['NaN on a page', '/metrics', depth, () => 'queue_depth NaN\n'],
  ['no traffic', '/metrics', errors, () => 'req_total{code="200"} 1000\n'],
  [
    'no traffic by the API',
    '',
    errors,
    only('req_total', (t) => success(matrix(counter({ code: '200' }, 0, t)))),
  ],
  ['counters below zero', '/metrics', errors, (t) => `req_total{code="200"} ${-1000 + t}\n`],
  ['a counter that is NaN', '/metrics', errors, () => 'req_total{code="200"} NaN\n'],
  ['an infinite counter', '/metrics', errors, () => 'req_total{code="200"} +Inf\n'],
  ['a rate of nothing', '/metrics', rate, () => 'req_total 1000\n'],
  ['buckets that fall', '/metrics', slow, (t) => page({ '0.1': 100, '1': 50, '+Inf': 100 }, t)],
  ['buckets that fall, by the API', '', slow, histogram({ '0.1': 100, '1': 50, '+Inf': 100 })],
  [
    'fewer observations in all than in a bucket',
    '/metrics',
    slow,
    (t) => page({ '0.1': 100, '1': 100, '+Inf': 10 }, t),
  ],
  ['the same by the API', '', slow, histogram({ '0.1': 100, '1': 100, '+Inf': 10 })],
  ['no last bucket', '/metrics', slow, (t) => page({ '0.1': 90, '1': 100 }, t)],
  ['no last bucket, by the API', '', slow, histogram({ '0.1': 90, '1': 100 })],
  ['a bound that is hexadecimal', '/metrics', slow, (t) => page({ '0x1': 90, '+Inf': 100 }, t)],
  ['a bound that is hexadecimal, by the API', '', slow, histogram({ '0x1': 100, '+Inf': 100 })],
  ['an empty bound', '', slow, histogram({ '': 100, '+Inf': 100 })],
  ['a bound that is NaN', '', slow, histogram({ NaN: 100, '+Inf': 100 })],
  ['all in the last bucket', '/metrics', slow, (t) => page({ '0.1': 0, '+Inf': 100 }, t)],
]

describe('the watch itself works', () => {
  test.each(controls)('%s passes', async (_, path, list, answers) => {
    const { verdict, said } = await watched(path, list, answers)
    expect(verdict, said).toBe('passed')
  })
  test('a partial answer is measured where the gate says so', async () => {
    const answers = only('sum', (t) => success(vector('3', time(t)), { warnings: partial }))
    expect((await watched('', asked, answers, { onPartial: 'ignore' })).verdict).toBe('passed')
  })
  test('one partial answer among good ones is a look without data', async () => {
    const answers = only('sum', (t) => success(vector('3', time(t)), t === 3 ? { warnings: partial } : {}))
    const { verdict, said } = await watched('', asked, answers)
    expect(verdict, said).toBe('passed')
    expect(said).toContain(`no-data: the server's answer is partial: ${partial[0]}`)
  })
})

test.each(traps)('%s does not pass', async (_, path, list, answers) => {
  const { verdict, said } = await watched(path, list, answers)
  expect(['failed', 'inconclusive'], said).toContain(verdict)
})
