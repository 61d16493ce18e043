import { params } from '../../kinds/gate/gate-params.ts'
import type { Metric } from '../../kinds/gate/metric.ts'
import type { HttpOutcome, HttpRequest } from '../../kinds/kind.ts'
import { fence } from '../../kinds/kind.ts'
import { parseMetricList } from '../../kinds/gate/spec.ts'
import { parseSource } from '../../kinds/gate/sources/metric-source.ts'
import { failure, success } from '../../model/problem.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { answersOf, die, diesHere } from './world.ts'
import type { World } from './world.ts'
import { oneSeries } from './counter-growth.ts'
import type { LooksOf, OneSeries } from './counter-growth.ts'
import { beginSeries, seriesAt, shownAt } from './gate-series.ts'
import type { GateSeries } from './gate-series.ts'

/**
 * The answer of a metrics page or a Prometheus server to a gate. `original` is the step with its values in place, as
 * its author wrote it: the evidence does not move when a test changes the gate.
 */
export function answerMetrics(
  world: World,
  original: PlannedStep | undefined,
  key: string,
  request: HttpRequest,
): HttpOutcome {
  if (!original) return failure('the metrics of this gate are unknown')
  const gate = seriesOf(world, original, key)
  if (typeof gate === 'string') return failure(gate)
  const look = Math.max(0, Math.floor((world.now - gate.began) / gate.intervalMs))
  const { dies } = world
  if (dies?.in === original.id && look >= (dies.look ?? 1) && diesHere(world, 'in', original.id))
    die(world, dies)
  if (look > 0 && [...shownAt(gate, look).values()].includes('error'))
    return failure('no metrics: the scenario says `error`')
  const series = seriesAt(gate, look)
  if (typeof series === 'string') {
    world.problems.push({ step: original.id, message: `Gate \`${original.id}\`: ${series}` })
    return failure(series)
  }
  const url = new URL(request.url)
  if (url.pathname.endsWith('/api/v1/query'))
    return json(queryAnswer(url.searchParams.get('query') ?? '', gate, series, look, world.now))
  const first = parseSource(String(original.attributes['source'] ?? ''), undefined)
  const isFirst = !first.ok || first.value.urls[0] === request.url
  return page(isFirst ? series : [])
}

function seriesOf(world: World, step: PlannedStep, key: string): GateSeries | string {
  const existing = world.series.get(key)
  if (existing) return existing
  const list = parseMetricList(fence(step, 'main')?.code ?? '')
  const settings = params.safeParse(step.attributes)
  if (!list.ok) return list.problem.message
  const { interval, minTraffic } = settings.success ? settings.data : { interval: 15_000, minTraffic: 1 }
  const made = beginSeries({
    metrics: list.value,
    looksOf: looksFor(world, step),
    began: world.now,
    intervalMs: interval,
    minTraffic,
  })
  nameProblems(world, step, list.value)
  world.series.set(key, made)
  return made
}

/** Looks at metrics that the gate does not have. */
function nameProblems(world: World, step: PlannedStep, metrics: readonly Metric[]): void {
  const { looks } = answersOf(world, step.id)
  if (looks === undefined || Array.isArray(looks)) return
  const names = metrics.map(({ name }) => name)
  for (const name of Object.keys(looks))
    if (!names.includes(name))
      world.problems.push({
        step: step.id,
        message: `Gate \`${step.id}\` has no metric \`${name}\`; its metrics are ${names.join(', ')}`,
      })
}

function looksFor(world: World, step: PlannedStep): LooksOf {
  const { looks = ['good'] } = answersOf(world, step.id)
  return ({ name }) => (Array.isArray(looks) ? looks : (looks[name] ?? ['good']))
}

function page(series: readonly OneSeries[]): HttpOutcome {
  const lines = series.map((one) => `${one.text} ${text(one.value)}`)
  return success({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    text: `${lines.join('\n')}\n`,
    ms: 0,
    cut: false,
  })
}

function text(value: number): string {
  return Number.isFinite(value) ? String(value) : '+Inf'
}

function json(data: object): HttpOutcome {
  return success({
    status: 200,
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify({ status: 'success', data }),
    ms: 0,
    cut: false,
  })
}

/** The few queries that a gate asks of a Prometheus server. */
function queryAnswer(
  query: string,
  gate: GateSeries,
  series: readonly OneSeries[],
  look: number,
  now: number,
): object {
  const time = now / 1000
  const target = { job: 'scenario', instance: 'scenario' }
  if (query === 'time()') return { resultType: 'scalar', result: [time, String(time)] }
  if (query === 'up == 1') return vector([{ metric: target, value: [time, '1'] }])
  if (query === 'process_start_time_seconds')
    return vector([{ metric: target, value: [time, String(gate.began / 1000 - 3600)] }])
  const shown = shownAt(gate, look)
  const asked = gate.metrics.find(({ measure }) => measure.type === 'query' && measure.query === query)
  if (asked) {
    const value = shown.get(asked)
    return vector(typeof value === 'number' ? [{ metric: {}, value: [time, text(value)] }] : [])
  }
  // A selector with its range; series of all selectors are told apart by the reader.
  const name = /^[\w:]+/.exec(query)?.[0] ?? ''
  const matches = series.filter((one) => one.name === name)
  const result = (matches.length > 0 ? matches : rangeOf(query)).map(({ name: __name__, labels, value }) => ({
    metric: { __name__, ...labels, ...target },
    values: [
      [time - gate.intervalMs / 1000, text(value)],
      [time, text(value)],
    ],
  }))
  return { resultType: 'matrix', result }
}

/** The samples behind a query are as fresh as the scenario. */
function rangeOf(query: string): OneSeries[] {
  return query.endsWith(']') ? [oneSeries('sample', {})] : []
}

function vector(result: object[]): object {
  return { resultType: 'vector', result }
}
