import { formatDuration } from '../../model/values/duration.ts'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { defineKind, fence, result } from '../kind.ts'
import type { Result, StepContext } from '../kind.ts'
import { makeGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { gateProblems } from './inspect.ts'
import { metricLines } from './metric-lines.ts'
import { params } from './gate-params.ts'
import type { Params } from './gate-params.ts'
import { sampleData } from './record.ts'
import { metricSchema } from './spec.ts'
import type { Watched } from './watch.ts'

export const gate = defineKind({
  name: 'gate',
  summary: 'Watches metrics until they have been good for long enough.',
  reference: {
    example: [
      '<Gate id="canary-slo" title="The canary holds" source="http://127.0.0.1:9090" for="5m">',
      '',
      '```yaml',
      '- ratio: { bad: \'http_requests_total{color="green",code=~"5.."}\', total: \'http_requests_total{color="green"}\' }',
      '  below: 1%',
      '- quantile: { histogram: \'http_request_duration_seconds{color="green"}\', q: 0.95 }',
      '  below: 1000ms',
      '```',
      '',
      '</Gate>',
    ].join('\n'),
    fields: { title: 'A metric', schema: metricSchema },
    notes: [
      'Each look is ok, a violation, without data, or an error. With several metrics, the worst result counts, once. A value equal to its limit is a violation. A look is without data when there is no traffic or series, a value is NaN, samples are too old, or buckets are not monotonic. The same holds for an answer that the server marks as partial. Without a 5xx series, the error count is 0. A new series that begins at ten counts as ten errors. A value above the largest bucket counts as infinite.',
      'More than `maxViolations` in total fail the gate at once. More than `maxNoData` looks without data or `maxErrors` errors in a row make it inconclusive, and so do too few ok looks or an unsettled end. An inconclusive or interrupted gate never passes. A resumed run watches from the beginning.',
    ],
  },
  params,
  body: { fences: [{ role: 'main', languages: ['yaml'], required: true }] },
  inspect: gateProblems,
  guard: true,
  effect: () => 'read',
  async run(gateParams, context) {
    const made = makeGate(fence(context.step, 'main')?.code ?? '', gateParams, context)
    if (!made.ok) return result('failed', `cannot be read: ${made.problem.message}`)
    let violations = 0
    for (let round = 1; ; round++) {
      const watched = await watchOnce(made.value, round, violations, context)
      if (watched === 'aborted') return result('cancelled', 'was aborted before it could be decided')
      if (watched['verdict'] !== 'inconclusive') return conclude(watched)
      const answer = await resolve(gateParams, asText(watched['reason']), round, context)
      if (typeof answer !== 'string') return { ...answer, data: { ...watched, ...answer.data } }
      violations = Number(watched['violations'])
    }
  },
  view(gateParams, step, outcome) {
    const items = metricLines(fence(step, 'main')?.code ?? '')
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
  made: Gate,
  round: number,
  violations: number,
  context: StepContext,
): Promise<JsonObject | 'aborted'> {
  const recorded = await context.record('gate-watched', String(round), async () => {
    let samples = 0
    const watched = await made.watch(async (sample) => {
      samples += 1
      const key = `${context.stretch}/${round}/${samples}`
      await context.record('gate-sampled', key, () => sampleData(sample))
    }, violations)
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

/** The decision on an inconclusive gate: by a person, or a stop. It never passes by itself. */
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
