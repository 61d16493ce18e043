import { expect, test } from 'vitest'
import { counter, exposition, gauge, histogram } from './metrics.ts'
import { share } from './share.ts'
import { traceOf } from './service/trace.ts'
import { parseMetrics } from '../lib/metrics-page.ts'

test('a page is OpenMetrics text, to the letter', () => {
  const requests = counter('http_requests', 'Requests.')
  const duration = histogram('http_request_duration_seconds', 'Duration.', [0.25, 1], { color: 'blue' })
  requests.add({ color: 'blue', path: 'a"b\\c\n' })
  for (const seconds of [0.25, 0.5, 2]) duration.observe(seconds)
  expect(exposition([requests, duration, gauge('up', 'Up.', () => [[{}, 1]])])).toBe(
    [
      '# TYPE http_requests counter',
      '# HELP http_requests Requests.',
      String.raw`http_requests_total{color="blue",path="a\"b\\c\n"} 1`,
      '# TYPE http_request_duration_seconds histogram',
      '# UNIT http_request_duration_seconds seconds',
      '# HELP http_request_duration_seconds Duration.',
      'http_request_duration_seconds_bucket{color="blue",le="0.25"} 1',
      'http_request_duration_seconds_bucket{color="blue",le="1.0"} 2',
      'http_request_duration_seconds_bucket{color="blue",le="+Inf"} 3',
      'http_request_duration_seconds_count{color="blue"} 3',
      'http_request_duration_seconds_sum{color="blue"} 2.75',
      '# TYPE up gauge',
      '# HELP up Up.',
      'up 1',
      '# EOF',
      '',
    ].join('\n'),
  )
})

test('a page that was written is read back as it was', () => {
  const requests = counter('x', 'X.')
  requests.add({ path: 'a"b\\c\n,d="e"' }, 3)
  expect(parseMetrics(exposition([requests]))).toEqual([
    { name: 'x_total', labels: { path: 'a"b\\c\n,d="e"' }, value: 3 },
  ])
})

test('a page that is cut or broken is refused', () => {
  const why = (text: string): object => expect.objectContaining({ message: expect.stringContaining(text) })
  expect(() => parseMetrics('x 1\n', 'application/openmetrics-text')).toThrow(why('it was cut'))
  expect(() => parseMetrics('<html>\n# EOF\n')).toThrow(why('Line 1: '))
  expect(parseMetrics('x 1 1700000000000\ny +Inf\n').map(({ value }) => value)).toEqual([1, Infinity])
})

test('a share of 5 % is every twentieth call', () => {
  const hit = share()
  const hits = Array.from({ length: 100 }, () => hit(0.05)).flatMap((yes, index) => (yes ? [index + 1] : []))
  expect(hits).toEqual([20, 40, 60, 80, 100])
})

test('the trace id is the one sent, or the one inside traceparent, or new', () => {
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(traceOf({ 'x-trace-id': 'abc-1', traceparent: parent })).toBe('abc-1')
  expect(traceOf({ traceparent: parent })).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  expect(traceOf({ 'x-trace-id': 'no spaces please' })).toMatch(/^[0-9a-f]{32}$/)
})
