import * as z from 'zod'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { messageOf } from '../lib/errors.ts'
import { openService } from './aws.ts'

const LIMIT_MS = 30_000

const alarms = z.looseObject({
  MetricAlarms: z
    .array(
      z.looseObject({
        AlarmName: z.string(),
        StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
        StateReason: z.string().default(''),
      }),
    )
    .default([]),
  NextToken: z.string().optional(),
})

const data = z.looseObject({
  MetricDataResults: z.array(
    z.looseObject({ Id: z.string(), Timestamps: z.array(z.number()), Values: z.array(z.number()) }),
  ),
})

export type Alarm = z.output<typeof alarms>['MetricAlarms'][number]

/** A figure of CloudWatch over some minutes. */
export interface Figure {
  namespace: string
  metric: string
  /** `Name=Value` pairs. */
  dimensions: readonly [string, string][]
  stat: string
  /** Length of one point and of the window, in milliseconds. */
  periodMs: number
  windowMs: number
}

/** One value of a figure; `at` in milliseconds since the epoch. */
export interface Point {
  at: number
  value: number
}

/** The alarms whose names begin so. @throws {CliError} */
export async function readAlarms(prefix: string): Promise<Alarm[]> {
  const all: Alarm[] = []
  let token: string | undefined
  do {
    const page = await call('DescribeAlarms', alarms, {
      AlarmTypes: ['MetricAlarm'],
      ...(prefix !== '' && { AlarmNamePrefix: prefix }),
      ...(token !== undefined && { NextToken: token }),
    })
    all.push(...page.MetricAlarms)
    token = page.NextToken
  } while (token !== undefined)
  return all
}

/** The points of a figure until `now`, oldest first. @throws {CliError} */
export async function readFigure(figure: Figure, now: number): Promise<Point[]> {
  const { namespace, metric, dimensions, stat, periodMs, windowMs } = figure
  const { MetricDataResults } = await call('GetMetricData', data, {
    StartTime: Math.floor((now - windowMs) / 1000),
    EndTime: Math.floor(now / 1000),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: [
      {
        Id: 'figure',
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: metric,
            Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
          },
          Period: periodMs / 1000,
          Stat: stat,
        },
      },
    ],
  })
  const [only] = MetricDataResults
  return (only?.Timestamps ?? []).map((at, index) => ({ at: at * 1000, value: only?.Values[index] ?? NaN }))
}

/** One call in the JSON form of the service. */
async function call<S extends z.ZodType>(action: string, schema: S, body: object): Promise<z.output<S>> {
  const { client, region, endpoint } = openService('monitoring', 'CLOUDWATCH')
  const url = `${endpoint ?? `https://monitoring.${region}.amazonaws.com`}/`
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `GraniteServiceVersion20100801.${action}`,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  }
  let status: number
  let answer: unknown
  try {
    const response = await client.fetch(url, init)
    status = response.status
    answer = await response.json()
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${action} of ${url} got no answer that is JSON: ${messageOf(error)}`,
      'Check the region, the address and the network.',
    )
  }
  const read = schema.safeParse(answer)
  if (status === 200 && read.success) return read.data
  const said = isRecord(answer) ? (answer['message'] ?? answer['Message'] ?? answer['__type']) : undefined
  throw new CliError(
    exit.failed,
    status === 200
      ? `${action} answered in an unknown form: ${read.error?.issues[0]?.path.join('.') ?? ''}`
      : `${action} was refused with ${status}${typeof said === 'string' ? `: ${said}` : ''}`,
    'Check the account and its rights: cloudwatch:DescribeAlarms and cloudwatch:GetMetricData.',
  )
}
