import { expect, test } from 'vitest'
import { metricLines } from './metric-lines.ts'

test('a limit that is not known yet is shown as what it will be filled from', () => {
  const code = [
    '- name: errors',
    '  ratio: { bad: \'http_requests_total{color="${{ outputs.idle }}",code=~"5.."}\', total: \'http_requests_total{color="${{ outputs.idle }}"}\' }',
    '  below: ${{ outputs.max_errors }}',
    "- quantile: { histogram: 'http_request_duration_seconds', q: 0.95 }",
    '  below: ${{ inputs.p95 }}',
    "- value: 'up'",
    '  above: 0',
    "- quantile: { histogram: 'http_request_duration_seconds', q: ${{ inputs.q }} }",
    '  below: 1s',
  ].join('\n')
  expect(metricLines(code)).toEqual([
    'http_requests_total{color="${{ outputs.idle }}",code=~"5.."} / http_requests_total{color="${{ outputs.idle }}"} below ${{ outputs.max_errors }}',
    'quantile 0.95 of http_request_duration_seconds_bucket below ${{ inputs.p95 }}',
    'up above 0',
    "quantile: { histogram: 'http_request_duration_seconds', q: ${{ inputs.q }} }\n  below: 1s",
  ])
})

test('a list that cannot be read is shown as the reason', () => {
  expect(metricLines('- value: up')).toEqual([
    'Metric 1: Unexpected limit, expected exactly one of `below` and `above`',
  ])
})
