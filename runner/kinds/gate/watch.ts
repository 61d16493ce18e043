import { success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Clock } from '../kind.ts'
import { advice } from './advice.ts'
import { addTick, decide, emptyTally, worst } from './evaluate.ts'
import type { GateDecision, Rules, Tally } from './evaluate.ts'
import { measure } from './measure.ts'
import type { Measured, MetricReading, TickVerdict } from './measure.ts'
import { selectorsOf } from './metric.ts'
import type { Metric } from './metric.ts'
import { advance, beginHistory, restartHistory } from './snapshot.ts'
import type { History } from './snapshot.ts'
import type { ReadMetrics, WantedMetrics } from './sources/metric-source.ts'

export interface WatchOptions {
  metrics: readonly Metric[]
  read: ReadMetrics
  rules: Rules
  intervalMs: number
  /** How far back counters are looked at. */
  rangeMs: number
  /** Ticks that are recorded and not counted. */
  warmup: number
  /** Fewest events within the range that say anything. */
  minTraffic: number
  clock: Clock
  signal: AbortSignal
  /** The treatment of a partial reading: no data, or like any other. */
  onPartial: 'inconclusive' | 'ignore'
  /** Violations of an earlier watch that this one goes on from. */
  violations?: number
  onSample: (sample: Sample) => void | Promise<void>
}

/** The result of one look at all metrics. */
export interface Sample {
  /** 0 is the look that counters are compared with. */
  tick: number
  /** How many ticks there are, without warmup and without the first look. */
  of: number
  /** `first`, `warmup` or `counted`; `again`: an error that is tried again within its tick. */
  phase: 'first' | 'warmup' | 'counted' | 'again'
  verdict: TickVerdict
  /** Milliseconds since the watch began. */
  at: number
  reason: string
  metrics: ({ metric: Metric } & Measured)[]
  notes: string[]
  tally: Tally
}

export type Watched = (GateDecision | { verdict: 'aborted'; reason: string }) & { tally: Tally }

/** How long after an error the next try comes, at most, in milliseconds. */
const retryMs = 10_000

/**
 * Watches metrics tick by tick until the verdict is certain. A stop is never a pass, and a tick that was slept
 * through has no data.
 */
export async function watch(options: WatchOptions): Promise<Watched> {
  const { metrics, rules, intervalMs, warmup, signal, onSample } = options
  const wanted: WantedMetrics = {
    selectors: metrics.flatMap(selectorsOf),
    queries: metrics.flatMap(({ measure: how }) => (how.type === 'query' ? [how.query] : [])),
  }
  let elapsed = elapsedTime(options.clock)
  let tally: Tally = { ...emptyTally, violations: options.violations ?? 0 }
  let history: History | undefined
  let retries = 0
  for (let tick = 0; ;) {
    const due = tick * intervalMs + retries * retryMs
    await options.clock.sleep(Math.max(0, due - elapsed()))
    if (signal.aborted) return { verdict: 'aborted', reason: 'was aborted', tally }
    const missed = tick > 0 && retries === 0 && elapsed() >= (tick + 1) * intervalMs
    const reading = missed ? undefined : await readWhole(options, wanted)
    if (signal.aborted) return { verdict: 'aborted', reason: 'was aborted', tally }
    if (reading?.ok && !('noData' in reading.value)) {
      if (!history) reading.value.notes.push(...advice(metrics, reading.value.snapshot))
      history = take(history, reading.value, tick === 0 ? 0 : elapsed(), options)
    }
    const looked = look(reading, history, options)
    const retryAt = Math.max(elapsed(), tick * intervalMs + (retries + 1) * retryMs)
    const again = looked.verdict === 'error' && retryAt < (tick + 1) * intervalMs
    const phase = tick === 0 ? 'first' : again ? 'again' : tick <= warmup ? 'warmup' : 'counted'
    const counts = tick > warmup
    if (counts) tally = addTick(tally, looked.verdict, again)
    await onSample({ tick, of: rules.expected, phase, at: elapsed(), ...looked, tally })
    const decision = counts ? decide(tally, rules) : undefined
    if (decision) return { ...decision, reason: withLast(decision.reason, looked), tally }
    if (history && tick === warmup) history = restartHistory(history)
    // The first look may have to load and connect; the watch begins once there is something to compare with.
    if (tick === 0 && !again) elapsed = elapsedTime(options.clock)
    retries = again ? retries + 1 : 0
    if (!again) tick += 1
  }
}

/**
 * A reading that misses samples counts for nothing: what is missing may be what went wrong, and a counter that comes back
 * would look like one that has just begun.
 */
async function readWhole({ read, onPartial }: WatchOptions, wanted: WantedMetrics): Promise<Seen> {
  const reading = await read(wanted)
  if (!reading.ok || reading.value.partial === undefined || onPartial === 'ignore') return reading
  return success({ noData: `the server's answer is partial: ${reading.value.partial}` })
}

type Seen = Outcome<MetricReading | { noData: string }>

/** Says what the last look saw, unless it was good: a count alone helps nobody. */
function withLast(reason: string, { verdict, reason: why }: Looked): string {
  return verdict === 'ok' || why === '' ? reason : `${reason}; the last: ${why}`
}

/** The larger of both clocks: one stands still while a machine sleeps, the other may be set back. */
function elapsedTime({ monotonic, wall }: Clock): () => number {
  const from = { monotonic: monotonic(), wall: wall() }
  let latest = 0
  return () => (latest = Math.max(latest, monotonic() - from.monotonic, wall() - from.wall))
}

function take(
  history: History | undefined,
  { snapshot }: MetricReading,
  at: number,
  options: WatchOptions,
): History {
  return history ? advance(history, snapshot, at, options.rangeMs) : beginHistory(snapshot, at)
}

type Looked = Pick<Sample, 'verdict' | 'reason' | 'metrics' | 'notes'>

function look(
  reading: Seen | undefined,
  history: History | undefined,
  { metrics, minTraffic }: WatchOptions,
): Looked {
  const nothing = (verdict: TickVerdict, reason: string): Looked => ({
    verdict,
    reason,
    notes: [],
    metrics: metrics.map((metric) => ({ metric, verdict, value: undefined, reason, parts: {} })),
  })
  if (!reading) return nothing('no-data', 'the tick was missed: the machine slept or was too slow')
  if (!reading.ok) return nothing('error', reading.problem.message)
  const { value: read } = reading
  if ('noData' in read) return nothing('no-data', read.noData)
  const measured = metrics.map((metric) => ({ metric, ...measure(metric, read, history, minTraffic) }))
  const verdict = worst(measured.map((one) => one.verdict))
  const deciding = measured.find((one) => one.verdict === verdict)
  const reason = deciding ? `${deciding.metric.name}: ${deciding.reason}` : ''
  return { verdict, reason, notes: read.notes, metrics: measured }
}
