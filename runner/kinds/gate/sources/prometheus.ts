import * as z from 'zod'
import { failure, ProblemError, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { QueryAnswer } from '../measure.ts'
import { parseNumber } from '../number.ts'
import { rangeSelectors } from '../selector.ts'
import { seriesKey } from '../snapshot.ts'
import type { Series, Snapshot } from '../snapshot.ts'
import type { Get, ReadMetrics } from './metric-source.ts'

/** How far back raw samples are read: Prometheus' own idea of how long a series stays alive. */
const lookback = '5m'

const point = z.tuple([
  z.number(),
  z.string().refine((text) => parseNumber(text) !== undefined, 'Expected a number'),
])
const labelSet = z.record(z.string(), z.string())
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    warnings: z.array(z.string()).optional(),
    infos: z.array(z.string()).optional(),
    isPartial: z.boolean().optional(),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: labelSet, value: point })),
      }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric: labelSet, values: z.array(point) })),
      }),
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.literal('string'), result: point }),
    ]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
])

type Success = Extract<z.output<typeof answerSchema>, { status: 'success' }>
type Data = Success['data']

export interface PrometheusOptions {
  /** Address of the server, with the path it is served under. */
  url: string
  get: Get
  /** Age at which the newest sample no longer speaks for now, in milliseconds; undefined: twice the scrape interval. */
  staleMs: number | undefined
  /** Stands for the scrape interval while a series has one sample only, in milliseconds. */
  intervalMs: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/** How far the server's clock may be from the runner's, in milliseconds: beyond it, a cache answers with old samples. */
const mostSkewMs = 600_000

/** How long the server may give the same time, in milliseconds: some give whole seconds. */
const mostStillMs = 2000

/** Ends a reading: what one of its queries was answered cannot be used. */
function refused(message: string): ProblemError {
  return new ProblemError({ message })
}

/** Reads a Prometheus server through its HTTP API; all of one reading is asked for the same moment. */
export function prometheusSource(options: PrometheusOptions): ReadMetrics {
  const clock = serverClock(options.now)
  return async ({ selectors, queries }) => {
    const said: Said = { notes: new Set(), partial: new Set() }
    const ask = (query: string, time?: string): Promise<Data> => askServer(options, query, time, said)
    try {
      const time = scalarTime(await ask('time()'))
      const at = Number(time) * 1000
      clock(at)
      const ages = (data: Data): Aged[] => aged(data, at, options)
      const [targets, ...matrices] = await Promise.all([
        readTargets((query) => ask(query, time)),
        ...selectors.map(async ({ text }) => ages(await ask(`${text}[${lookback}]`, time))),
      ])
      const snapshot: Snapshot = { at, targets, series: [], stale: [] }
      const keys = new Set<string>()
      for (const { series, ageMs, stale } of matrices.flat()) {
        if (keys.has(series.key)) continue
        keys.add(series.key)
        if (stale) snapshot.stale.push({ ...series, ageMs })
        else snapshot.series.push(series)
      }
      const answers = await Promise.all(
        queries.map(
          async (query) => [query, await answer(query, at, (text) => ask(text, time), ages)] as const,
        ),
      )
      const [partial] = said.partial
      return success({
        snapshot,
        answers: new Map(answers),
        notes: [...said.notes],
        ...(partial === undefined ? {} : { partial }),
      })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      return { ok: false, problem: error.problem }
    }
  }
}

/** The notes of a server beside its samples. */
interface Said {
  notes: Set<string>
  /** Why samples may be missing. */
  partial: Set<string>
}

async function askServer(
  { url, get }: PrometheusOptions,
  query: string,
  time: string | undefined,
  said: Said,
): Promise<Data> {
  const fields = new URLSearchParams({ query, ...(time === undefined ? {} : { time }) })
  const got = await get(`${url.replace(/\/$/, '')}/api/v1/query?${fields}`, 'application/json')
  if (!got.ok) throw new ProblemError(got.problem)
  const read = answerSchema.safeParse(parseJson(got.value.text))
  if (!read.success) throw refused(`${url} answered ${got.value.status}, and not as the Prometheus API does`)
  if (read.data.status === 'error') throw refused(`\`${query}\`: ${read.data.error}`)
  if (got.value.status !== 200) throw refused(`${url} answered ${got.value.status}`)
  listen(read.data, said)
  return read.data.data
}

/**
 * Prometheus and Thanos say with a warning that samples may be missing, VictoriaMetrics with `isPartial`. Infos are
 * remarks on the query, but for those of servers that put the same there.
 */
function listen({ warnings = [], infos = [], isPartial }: Success, { notes, partial }: Said): void {
  for (const text of [...warnings, ...infos]) notes.add(text)
  if (isPartial === true) partial.add('isPartial is true')
  for (const text of warnings) partial.add(text)
  for (const text of infos) if (/partial|incomplete|unavailable|missing data/i.test(text)) partial.add(text)
}

/** All samples are judged by the server's own time, so a time that stands still would keep old ones fresh. */
function serverClock(now: () => number): (at: number) => void {
  let latest = 0
  let since = 0
  return (at) => {
    if (Math.abs(now() - at) > mostSkewMs)
      throw refused(
        `the clocks of the server and of this machine are ${Math.round(Math.abs(now() - at) / 1000)} s apart`,
      )
    if (at > latest) [latest, since] = [at, now()]
    else if (now() - since > mostStillMs)
      throw refused('the server answers with the time of an earlier look: a cache stands before it')
  }
}

function scalarTime(data: Data): string {
  if (data.resultType !== 'scalar') throw refused('the server does not say what time it is')
  return data.result[1]
}

/** Targets by job and instance, with the time their process started. */
async function readTargets(ask: (query: string) => Promise<Data>): Promise<Map<string, number | undefined>> {
  const [up, started] = await Promise.all([ask('up == 1'), ask('process_start_time_seconds')])
  const targets = new Map<string, number | undefined>()
  if (up.resultType === 'vector') for (const { metric } of up.result) targets.set(targetOf(metric), undefined)
  if (started.resultType === 'vector')
    for (const { metric, value } of started.result) targets.set(targetOf(metric), valueOf(value))
  return targets
}

function targetOf({ job = '', instance = '' }: Record<string, string>): string {
  return job === '' && instance === '' ? '' : `${job} ${instance}`
}

interface Aged {
  series: Series
  ageMs: number
  stale: boolean
}

function aged(data: Data, at: number, { staleMs, intervalMs }: PrometheusOptions): Aged[] {
  if (data.resultType !== 'matrix') throw refused(`unexpected ${data.resultType}, expected samples`)
  return data.result.map(({ metric, values }) => {
    const { __name__: name = '', ...labels } = metric
    const last = values.at(-1) ?? [0, 'NaN']
    const target = targetOf(labels)
    const series = { key: seriesKey(target, name, labels), target, name, labels, value: valueOf(last) }
    // A time that lies ahead is wrong: such a sample would never grow old.
    const ageMs = Math.abs(at - last[0] * 1000)
    const limit = staleMs ?? 2 * (spacing(values) ?? Math.max(intervalMs, 30_000))
    return { series, ageMs, stale: ageMs > limit }
  })
}

/** The usual time between two samples in milliseconds: the median. */
function spacing(values: readonly [number, string][]): number | undefined {
  const gaps = values
    .slice(1)
    .map(([time], index) => (time - (values[index]?.[0] ?? time)) * 1000)
    .toSorted((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)]
}

/** A query over a range keeps answering after its target died, so the samples it reads must be fresh. */
async function answer(
  query: string,
  at: number,
  ask: (query: string) => Promise<Data>,
  ages: (data: Data) => Aged[],
): Promise<Outcome<QueryAnswer>> {
  const [data, ...read] = await Promise.all([
    ask(query),
    ...rangeSelectors(query).map(async (selector) => ages(await ask(`${selector}[${lookback}]`))),
  ])
  const newest = read.flat().toSorted((a, b) => a.ageMs - b.ageMs)[0]
  const numbers = valuesOf(data, at)
  if (!numbers.ok) return numbers
  if (read.length > 0 && newest === undefined)
    return success({ values: [], stale: 'no series is there any more' })
  const stale = `the newest sample is ${Math.round((newest?.ageMs ?? 0) / 100) / 10} s old`
  return newest?.stale ? success({ ...numbers.value, stale }) : numbers
}

/** A server answers for the moment it was asked for; a value of another moment comes from a cache. */
function valuesOf(data: Data, at: number): Outcome<QueryAnswer> {
  if (data.resultType !== 'scalar' && data.resultType !== 'vector')
    return failure(`unexpected ${data.resultType}, expected a number`)
  const series = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result
  const values = series.map(({ metric, value }) => ({ labels: metric, value: valueOf(value) }))
  const ageMs = Math.max(0, ...series.map(({ value: [time] }) => Math.abs(at - time * 1000)))
  const stale = `the answer is ${Math.round(ageMs / 100) / 10} s old`
  return success(ageMs > mostDriftMs ? { values, stale } : { values })
}

/** How far the moment of an answer may be from the one that was asked for, in milliseconds: some servers round it. */
const mostDriftMs = 60_000

function valueOf([, text]: z.output<typeof point>): number {
  return parseNumber(text) ?? Number.NaN
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
