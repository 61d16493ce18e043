import * as z from 'zod'
import { memo } from '../../model/memo.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { parseYaml } from '../../model/text/yaml.ts'
import { readYamlFence } from '../fence-yaml.ts'
import type { Limit, Measure, Metric } from './metric.ts'
import { parseSelector, renamed } from './selector.ts'
import type { Selector } from './selector.ts'
import { parseAmount, rateOf, unitNamed, unitOfName } from './units.ts'
import type { Unit } from './units.ts'
import { firstIssue } from '../../model/first-issue.ts'

const selector = z.string().transform((text, context) => {
  const read = parseSelector(text)
  if (read.ok) return read.value
  context.addIssue({ code: 'custom', message: read.problem.message })
  return z.NEVER
})

const labels = z.string().transform((text, context) => {
  const read = parseSelector(`expected${text.trim().startsWith('{') ? text.trim() : `{${text}}`}`)
  if (read.ok) return read.value
  context.addIssue({ code: 'custom', message: read.problem.message })
  return z.NEVER
})

const amount = z.union([z.string(), z.number()])
const reduce = z
  .enum(['max', 'min', 'sum', 'all', 'any'])
  .optional()
  .describe(
    'Combines several series: `max`, `min`, `sum`, or `all` or `any` of them meet the limit. Default: one series only.',
  )

/** One entry of the list in a gate's `yaml` fence. */
export const metricSchema = z.strictObject({
  ratio: z
    .strictObject({
      bad: selector.describe('The counters of bad events.'),
      total: selector.describe('The counters of all events.'),
    })
    .optional()
    .describe('The share of `bad` in `total`, from raw counters within the range, 0 to 1.'),
  quantile: z
    .strictObject({
      histogram: selector.describe('The histogram, with or without `_bucket`.'),
      q: z.number().gt(0).lt(1).describe('Which quantile, between 0 and 1, such as 0.95.'),
    })
    .optional()
    .describe('The value below which the share `q` of the observations lies, from raw buckets.'),
  rate: selector.optional().describe('How fast a counter grows, per second.'),
  value: selector.optional().describe('The newest value of a gauge.'),
  query: z.string().min(1).optional().describe('A PromQL query; needs a Prometheus server.'),
  below: amount.optional().describe('The value must be less than this, with its unit: `1%`, `1000ms`.'),
  above: amount.optional().describe('The value must be more than this, with its unit: `20 MB/s`.'),
  unit: z
    .string()
    .optional()
    .describe('The unit of the metric, such as `s` or `ratio`. Default: from the suffix of its name.'),
  reduce,
  expect: z
    .array(labels)
    .default([])
    .describe('Series that must exist, each as labels such as `color="green"`. Default: none.'),
  name: z.string().min(1).optional().describe('The displayed name. Default: the measured expression.'),
})

type MetricEntry = z.output<typeof metricSchema>

const kindsOfMeasure = ['ratio', 'quantile', 'rate', 'value', 'query'] as const

/** Reads the list of metrics in a gate's fence. The problem of an entry begins with `Metric N: `, counted from 1. */
export const parseMetricList = memo(100, readMetricList)

function readMetricList(text: string): Outcome<Metric[]> {
  const read = readYamlFence(text, parseYaml)
  if (!read.ok) return read
  const list = read.value
  if (!Array.isArray(list) || list.length === 0)
    return failure('Unexpected fence, expected a list of metrics such as `- ratio: { bad: …, total: … }`')
  const metrics: Metric[] = []
  for (const [index, item] of list.entries()) {
    const metric = readMetric(item)
    if (!metric.ok) return failure(`Metric ${index + 1}: ${metric.problem.message}`)
    metrics.push(metric.value)
  }
  return success(metrics)
}

function readMetric(item: unknown): Outcome<Metric> {
  const read = metricSchema.safeParse(item)
  if (!read.success) return failure(describe(read.error))
  const entry = read.data
  const measures = kindsOfMeasure.filter((kind) => entry[kind] !== undefined)
  const [kind] = measures
  if (kind === undefined || measures.length > 1)
    return failure(
      `Unexpected ${measures.join(' and ') || 'entry'}, expected exactly one of ${kindsOfMeasure.join(', ')}`,
    )
  if (entry.reduce && kind !== 'value' && kind !== 'query')
    return failure(`Unexpected \`reduce\` beside \`${kind}\`, which is one number already`)
  const measured = measureOf(entry)
  if (!measured.ok) return measured
  const measure = measured.value
  const unit = unitOf(measure, entry.unit)
  if (!unit.ok) return unit
  const bound = limitOf(entry)
  if (!bound.ok) return bound
  const limit = bound.value
  const problem = unitProblem(unit.value, limit) ?? rangeProblem(measure.type, limit)
  if (problem !== undefined) return failure(problem)
  const counted = unit.value ?? limit.unit
  return success({
    name: entry.name ?? defaultName(measure),
    measure,
    unit: counted,
    limit: sameUnit(limit, counted),
    expect: entry.expect,
  })
}

function measureOf({ ratio, quantile, rate, value, query, reduce: how }: MetricEntry): Outcome<Measure> {
  if (ratio) return success({ type: 'ratio', ...ratio })
  if (quantile) {
    const buckets = `${quantile.histogram.name.replace(/_bucket$/, '')}_bucket`
    return success({ type: 'quantile', buckets: renamed(quantile.histogram, buckets), q: quantile.q })
  }
  if (rate) return success({ type: 'rate', counter: rate })
  if (value) return success({ type: 'value', selector: value, reduce: how })
  // A server caps it at its largest bucket, so the slowest answers would look like that bucket and pass.
  if (/\bhistogram_quantile\b/.test(query ?? ''))
    return failure(
      'Unexpected `histogram_quantile`, which cannot see beyond its largest bucket: write `quantile: { histogram, q }`',
    )
  return success({ type: 'query', query: query ?? '', reduce: how })
}

/** The unit a metric counts in; undefined when neither its name nor the author says. */
function unitOf(measure: Measure, name: string | undefined): Outcome<Unit | undefined> {
  if (measure.type === 'ratio') return success(unitNamed('ratio'))
  const named = name === undefined ? undefined : unitNamed(name)
  if (name !== undefined && !named)
    return failure(
      `Unexpected unit \`${name}\`, expected one such as \`s\`, \`ms\`, \`B\`, \`MB/s\`, \`%\` or \`ratio\``,
    )
  if (named || measure.type === 'query') return success(named)
  const counter = { quantile: 'buckets', rate: 'counter', value: 'selector' }[measure.type] as keyof Measure
  const byName = unitOfName((measure[counter] as unknown as Selector).name)
  const perSecond = (): Unit | undefined => rateOf(byName ?? { text: '', dimension: 'number', factor: 1 })
  return success(measure.type === 'rate' ? perSecond() : byName)
}

function limitOf({ below, above }: MetricEntry): Outcome<Limit> {
  const side = below === undefined ? 'above' : 'below'
  const limit = below ?? above
  if (limit === undefined || (below !== undefined && above !== undefined))
    return failure('Unexpected limit, expected exactly one of `below` and `above`')
  const read = parseAmount(limit)
  if (!read)
    return failure(
      `Unexpected limit \`${limit}\`, expected a number with a unit such as \`1%\`, \`1000ms\` or \`20 MB/s\``,
    )
  return success({ side, text: String(limit), value: read.value * read.unit.factor, unit: read.unit })
}

function unitProblem(unit: Unit | undefined, limit: Limit): string | undefined {
  const plain = limit.unit.dimension === 'number'
  if (!unit)
    return plain
      ? undefined
      : `The unit of the metric is unknown, so \`${limit.text}\` cannot be compared: add \`unit: …\``
  if (unit.dimension === limit.unit.dimension || (plain && unit.dimension === 'ratio')) return undefined
  if (plain && unit.dimension === 'per second') return undefined
  const hint = plain ? 'write it with its unit' : 'they measure different things'
  return `Unexpected limit \`${limit.text}\` for a metric in ${unit.dimension}: ${hint}`
}

/** A limit that every value keeps, or no value, decides nothing. */
function rangeProblem(type: Measure['type'], { side, text, value }: Limit): string | undefined {
  if (type === 'value' || type === 'query') return undefined
  const most = type === 'ratio' ? 1 : Infinity
  const kept = side === 'below' ? value > 0 && value <= most : value >= 0 && value < most
  const range = type === 'ratio' ? 'is from 0 to 100%' : 'is never below 0'
  return kept ? undefined : `Unexpected limit \`${text}\`: a ${type} ${range}`
}

/** A plain limit on a share is a share: `0.01` is 1 %. */
function sameUnit(limit: Limit, unit: Unit): Limit {
  return limit.unit.dimension === unit.dimension
    ? limit
    : { ...limit, unit: { ...unit, text: '', factor: 1 } }
}

function defaultName(measure: Measure): string {
  switch (measure.type) {
    case 'ratio':
      return `${measure.bad.name.replace(/_total$/, '')} ratio`
    case 'quantile':
      return `${measure.buckets.name.replace(/_bucket$/, '')} p${Number((measure.q * 100).toFixed(2))}`
    case 'rate':
      return `${measure.counter.name.replace(/_total$/, '')} rate`
    case 'value':
      return measure.selector.name
    default:
      return 'query'
  }
}

function describe(error: z.core.$ZodError): string {
  const [issue] = error.issues
  if (issue?.code !== 'unrecognized_keys') return firstIssue(error)
  const at = issue.path.length > 0 ? `\`${issue.path.join('.')}\`: ` : ''
  return `${at}Unexpected \`${issue.keys.join('`, `')}\`, expected ${Object.keys(metricSchema.shape).join(', ')}`
}
