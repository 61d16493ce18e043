import { z } from 'zod'
import { duration } from '../../model/common-params.ts'
import { formatDuration } from '../../model/duration.ts'
import { asText } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { defineKind, fence, result } from '../kind.ts'
import type { Result, StepContext } from '../kind.ts'
import { queryText } from './metric.ts'
import type { Metric } from './metric.ts'
import { prometheusSource } from './prometheus.ts'
import { sampleData } from './record.ts'
import { scrapeSource } from './scrape.ts'
import { parseSource } from './source.ts'
import type { Get, ReadMetrics } from './source.ts'
import { parseMetricList } from './spec.ts'
import { parseAmount } from './units.ts'
import { watch } from './watch.ts'
import type { Watched } from './watch.ts'

const share = z.union([z.string(), z.number()]).transform((written, context) => {
  const read = parseAmount(written)
  const value = read && read.value * (read.unit.dimension === 'ratio' ? read.unit.factor : 1)
  if (value !== undefined && value > 0 && value <= 1) return value
  context.addIssue({
    code: 'custom',
    message: `Unexpected share \`${written}\`, expected one such as \`80%\``,
  })
  return z.NEVER
})

const params = z.object({
  source: z
    .string()
    .describe(
      'Address of a Prometheus server, or of one or more metrics pages that end in /metrics, separated by commas.',
    ),
  type: z
    .enum(['prometheus', 'openmetrics'])
    .optional()
    .describe(
      'What the source is. Default: `openmetrics` when its path ends in /metrics, else `prometheus`.',
    ),
  for: duration.describe('How long the metrics must hold, such as 5m.'),
  interval: duration.default(15_000).describe('Time from one look to the next. Default: 15s.'),
  range: duration
    .default(60_000)
    .describe('How far back each look counts events, so that a late burst is not diluted. Default: 1m.'),
  warmup: duration
    .default(0)
    .describe('Time at the beginning that is recorded and not counted. Default: 0s.'),
  minTraffic: z
    .number()
    .min(0)
    .default(1)
    .describe('Fewest events within the range that say anything; fewer are no data. Default: 1.'),
  minSamples: share
    .default(0.8)
    .describe('Share of the looks that must be ok, above 0 to 100%. Default: 80%.'),
  settle: z
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('How many looks at the end must all be ok. Default: 2.'),
  maxViolations: z
    .int()
    .min(0)
    .default(3)
    .describe('More violations than this in total fail the gate at once. Default: 3.'),
  maxNoData: z
    .int()
    .min(0)
    .default(4)
    .describe('More looks without data than this in a row make it inconclusive. Default: 4.'),
  maxErrors: z
    .int()
    .min(0)
    .default(4)
    .describe('More errors than this in a row make it inconclusive. Default: 4.'),
  stale: duration
    .optional()
    .describe('Age at which the newest sample is no data. Default: twice the time between samples.'),
  requestTimeout: duration
    .optional()
    .describe(
      'Longest time one request for metrics may take. Default: the interval, at least 1s and at most 10s.',
    ),
  onInconclusive: z
    .enum(['auto', 'ask', 'stop', 'rollback'])
    .default('auto')
    .describe(
      'What follows when nobody can tell: `ask` a person, `stop`, or `rollback`. Default: auto, which asks at a terminal and stops elsewhere.',
    ),
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe('What a failed gate does to the run: it never goes on. Default: stop.'),
})

type Params = z.output<typeof params>

/** Longest metrics answer that is read, in bytes. */
const maxBytes = 64 * 1_048_576

export const gate = defineKind({
  name: 'gate',
  summary: 'Watches metrics until they have been good for long enough.',
  params,
  body: { fences: [{ role: 'main', languages: ['yaml'], required: true }] },
  guard: true,
  effect: () => 'read',
  async run(gateParams, context) {
    const metrics = parseMetricList(fence(context.step, 'main')?.code ?? '')
    if (typeof metrics === 'string') return result('failed', `cannot be read: ${metrics}`)
    const read = sourceOf(gateParams, metrics, context)
    if (typeof read === 'string') return result('failed', `cannot be read: ${read}`)
    let violations = 0
    for (let round = 1; ; round++) {
      const watched = await watchOnce(gateParams, metrics, read, round, violations, context)
      if (watched === 'aborted') return result('cancelled', 'was aborted before it could be decided')
      if (watched['verdict'] !== 'inconclusive') return conclude(watched)
      const answer = await resolve(gateParams, asText(watched['reason']), round, context)
      if (typeof answer !== 'string') return { ...answer, data: { ...watched, ...answer.data } }
      violations = Number(watched['violations'])
    }
  },
  view(gateParams, step, outcome) {
    const metrics = parseMetricList(fence(step, 'main')?.code ?? '')
    const items =
      typeof metrics === 'string'
        ? [metrics]
        : metrics.map((metric) => `${queryText(metric)} ${metric.limit.side} ${metric.limit.text}`)
    if (outcome)
      return [
        { type: 'list', items },
        { type: 'status', ok: outcome.status === 'passed', text: outcome.message },
      ]
    const { source, for: forMs, interval } = gateParams
    return [
      { type: 'list', items },
      {
        type: 'field',
        name: 'holds for',
        value: `${formatDuration(forMs)}, looked at every ${formatDuration(interval)}`,
      },
      { type: 'field', name: 'source', value: source },
    ]
  },
})

/** Watches once and records how it ended; a watch that was cut off is not recorded, and starts anew. */
async function watchOnce(
  { for: forMs, interval, range, warmup, minTraffic, ...rules }: Params,
  metrics: readonly Metric[],
  read: ReadMetrics,
  round: number,
  violations: number,
  context: StepContext,
): Promise<JsonObject | 'aborted'> {
  const recorded = await context.record('gate-watched', String(round), async () => {
    let samples = 0
    const watched = await watch({
      metrics,
      read,
      rules: { ...rules, expected: Math.max(1, Math.floor(forMs / interval)) },
      intervalMs: interval,
      rangeMs: range,
      warmup: Math.ceil(warmup / interval),
      minTraffic,
      violations,
      clock: context.clock,
      signal: context.signal,
      onSample: async (sample) => {
        samples += 1
        await context.record('gate-sampled', `${context.stretch}/${round}/${samples}`, () =>
          sampleData(sample),
        )
      },
    })
    return watched.verdict === 'aborted' ? undefined : watchedData(watched)
  })
  return recorded ?? 'aborted'
}

function watchedData({ verdict, reason, tally }: Watched): JsonObject {
  const { ok, ticks, violations } = tally
  return { verdict, reason, ok, ticks, violations }
}

function conclude(watched: JsonObject): Result {
  const passed = watched['verdict'] !== 'failed'
  return result(passed ? 'passed' : 'breached', asText(watched['reason']), { data: watched })
}

/** What becomes of a gate nobody can decide: a person's word, or a stop. It never passes by itself. */
async function resolve(
  { onInconclusive }: Params,
  reason: string,
  round: number,
  context: StepContext,
): Promise<Result | 'extend'> {
  if (onInconclusive === 'stop' || (onInconclusive === 'auto' && !context.present))
    return result('inconclusive', reason)
  if (onInconclusive === 'rollback') return result('inconclusive', reason, { data: { rollback: true } })
  const { id, title } = context.step
  const {
    answer,
    reason: why,
    by,
  } = await context.ask(`${id}#${context.attempt}/inconclusive/${round}`, {
    type: 'gate',
    step: id,
    title,
    reason,
  })
  const decision = { answer, why, by }
  if (answer === 'extend') return 'extend'
  if (answer === 'accept')
    return result('passed', `${reason}; accepted by ${by.id}: ${why}`, {
      data: { verdict: 'accepted', decision },
    })
  return result('inconclusive', `${reason}; stopped by ${by.id}`, {
    data: { decision, rollback: answer === 'rollback' },
  })
}

function sourceOf(
  { source, type, stale, interval, requestTimeout }: Params,
  metrics: readonly Metric[],
  context: StepContext,
): ReadMetrics | string {
  const parsed = parseSource(source, type)
  if (typeof parsed === 'string') return parsed
  const timeoutMs = requestTimeout ?? Math.min(Math.max(interval, 1000), 10_000)
  const get: Get = async (url, accept) => {
    const answer = await context.http({ method: 'GET', url, headers: { accept }, timeoutMs, maxBytes })
    if ('error' in answer) return { error: asText(answer.error) }
    if ('unknown' in answer) return { error: asText(answer.unknown) }
    if (answer.cut) return { error: `${url} answered more than ${maxBytes} bytes` }
    return { status: answer.status, contentType: answer.headers['content-type'] ?? '', text: answer.text }
  }
  if (parsed.type === 'prometheus')
    return prometheusSource({ url: parsed.urls[0] ?? '', get, staleMs: stale, intervalMs: interval })
  if (metrics.some(({ measure }) => measure.type === 'query'))
    return 'a `query` needs a Prometheus server, and the source is a metrics page'
  const staleMs = stale ?? Math.max(2 * interval, 60_000)
  return scrapeSource({ urls: parsed.urls, get, now: () => context.clock.wall(), staleMs })
}
