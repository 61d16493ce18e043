import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { program } from '../../scripts/cloudwatch.ts'
import { account, isSigned } from '../support/servers/s3-server.ts'
import { callProgram } from './support.ts'

// A server of ours that answers two calls of CloudWatch in the JSON form of its API, and checks every signature.
let server: Server
let asked: { target: string; body: Record<string, unknown> }[] = []
let state: string
let values: number[]

beforeAll(async () => {
  server = createServer((request, response) => {
    void (async () => {
      const content = await buffer(request)
      const say = (code: number, value: object): void =>
        void response
          .writeHead(code, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(value))
      if (!isSigned(request, content))
        return say(403, { __type: 'SignatureDoesNotMatch', message: 'The signature does not match' })
      const body = JSON.parse(content.toString()) as Record<string, unknown>
      const target = String(request.headers['x-amz-target'])
      asked.push({ target, body })
      if (target === 'GraniteServiceVersion20100801.DescribeAlarms') {
        const alarm = (name: string, value: string) => ({
          AlarmName: name,
          StateValue: value,
          StateReason: 'Threshold Crossed',
        })
        return body['NextToken'] === undefined
          ? say(200, { MetricAlarms: [alarm('shop-errors', 'OK')], NextToken: 'more' })
          : say(200, { MetricAlarms: state === '' ? [] : [alarm('shop-latency', state)] })
      }
      const Timestamps = values.map((_, index) => 1_764_489_600 + index * 60)
      return say(200, {
        MetricDataResults: [{ Id: 'figure', Label: 'x', Timestamps, Values: values, StatusCode: 'Complete' }],
      })
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

/** Calls the program in this process, as its command line does. */
async function ask(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const all = { ...account, AWS_ENDPOINT_URL_CLOUDWATCH: url, ...env }
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
  asked = []
  try {
    const { code, stdout, stderr } = await callProgram(program, ...args)
    return { code, said: stdout + stderr }
  } finally {
    vi.unstubAllEnvs()
  }
}

test.each([
  ['OK', 0],
  ['ALARM', 1],
  ['INSUFFICIENT_DATA', 3],
])('alarms of every page are asked for, and one in the state %s ends with %i', async (given, code) => {
  state = given
  const ran = await ask(['alarms', '--prefix', 'shop-'])
  expect([ran.code, ran.said]).toEqual([code, expect.stringContaining('✓ shop-errors  Threshold Crossed\n')])
  expect(asked.map(({ body }) => [body['AlarmNamePrefix'], body['NextToken']])).toEqual([
    ['shop-', undefined],
    ['shop-', 'more'],
  ])
})

const figure = [
  'metric',
  '--namespace',
  'AWS/ApplicationELB',
  '--metric',
  'TargetResponseTime',
  '--dimension',
  'LoadBalancer=app/shop/1',
  '--stat',
  'p99',
  '--limit',
  '<1',
]

test.each([
  [[0.2, 0.999], 0, 'held: 0 of 2'],
  [[0.2, 1], 1, 'broken: 1 of 2'],
  [[], 3, 'inconclusive: 0 of 0'],
])('a figure of the values %j ends with %i', async (given, code, words) => {
  values = given
  const ran = await ask(figure)
  expect([ran.code, ran.said]).toEqual([code, expect.stringContaining(words)])
  expect(asked[0]?.body['MetricDataQueries']).toEqual([
    {
      Id: 'figure',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/ApplicationELB',
          MetricName: 'TargetResponseTime',
          Dimensions: [{ Name: 'LoadBalancer', Value: 'app/shop/1' }],
        },
        Period: 60,
        Stat: 'p99',
      },
    },
  ])
})

test('a wrong key and a missing one are failures in a sentence, and never a figure', async () => {
  const wrong = await ask(figure, { AWS_SECRET_ACCESS_KEY: 'another' })
  expect([wrong.code, wrong.said]).toEqual([
    1,
    expect.stringContaining('GetMetricData was refused with 403: The signature'),
  ])
  const missing = await ask(figure, { AWS_ACCESS_KEY_ID: '' })
  expect([missing.code, missing.said]).toEqual([2, expect.stringContaining('AWS_ACCESS_KEY_ID is not set')])
})
