import type { TickVerdict } from './measure.ts'
import { counted } from '../../model/counted.ts'

/** The limits for the ticks of a gate. */
export interface Rules {
  /** How many ticks the watch has. */
  expected: number
  /** More violations than this in total fail the gate at once. */
  maxViolations: number
  /** More ticks without data than this in a row make it inconclusive. */
  maxNoData: number
  /** More errors than this in a row make it inconclusive. */
  maxErrors: number
  /** The share of the expected ticks that must be ok, above 0 to 1. */
  minSamples: number
  /** How many ticks at the end must all be ok. */
  settle: number
}

/** The counts so far. */
export interface Tally {
  ticks: number
  ok: number
  violations: number
  noDataInARow: number
  errorsInARow: number
  /** Ticks at the end that are all ok. */
  okInARow: number
}

export const emptyTally: Tally = {
  ticks: 0,
  ok: 0,
  violations: 0,
  noDataInARow: 0,
  errorsInARow: 0,
  okInARow: 0,
}

type GateVerdict = 'passed' | 'passed-with-violations' | 'failed' | 'inconclusive'

/** The verdict of a tick over all its metrics: the worst counts, once. */
export function worst(verdicts: readonly TickVerdict[]): TickVerdict {
  const order = ['violation', 'error', 'no-data', 'ok'] as const
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'no-data'
}

/** Adds a tick. An error that is tried again within its tick (`again`) is an error, and not yet a tick. */
export function addTick(tally: Tally, verdict: TickVerdict, again = false): Tally {
  const ok = verdict === 'ok'
  return {
    ticks: tally.ticks + (again ? 0 : 1),
    ok: tally.ok + (ok ? 1 : 0),
    violations: tally.violations + (verdict === 'violation' ? 1 : 0),
    noDataInARow: verdict === 'no-data' ? tally.noDataInARow + 1 : 0,
    errorsInARow: verdict === 'error' ? tally.errorsInARow + 1 : 0,
    okInARow: ok ? tally.okInARow + 1 : 0,
  }
}

export interface GateDecision {
  verdict: GateVerdict
  /** Why, continuing a sentence that begins with the gate's name. */
  reason: string
}

/** The verdict of the ticks so far; undefined while the watch continues. Violations are never forgiven. */
export function decide(tally: Tally, rules: Rules): GateDecision | undefined {
  const { violations, noDataInARow, errorsInARow, ticks } = tally
  if (violations > rules.maxViolations)
    return {
      verdict: 'failed',
      reason: `failed: ${counted(violations, 'violation')}, more than ${rules.maxViolations}`,
    }
  if (errorsInARow > rules.maxErrors)
    return inconclusive(`${errorsInARow} errors in a row, more than ${rules.maxErrors}`)
  if (noDataInARow > rules.maxNoData)
    return inconclusive(`no data ${noDataInARow} times in a row, more than ${rules.maxNoData}`)
  return ticks < rules.expected ? undefined : atTheEnd(tally, rules)
}

function atTheEnd(tally: Tally, rules: Rules): GateDecision {
  const needed = Math.max(1, Math.ceil(rules.minSamples * rules.expected))
  if (tally.ok < needed)
    return inconclusive(`${tally.ok} of ${rules.expected} ticks were ok, fewer than ${needed}`)
  const settle = Math.max(1, Math.min(rules.settle, rules.expected))
  if (tally.okInARow < settle) return inconclusive(`the last ${counted(settle, 'tick')} were not all ok`)
  const held = `held: ${tally.ok} of ${rules.expected} ticks ok`
  if (tally.violations === 0) return { verdict: 'passed', reason: held }
  return {
    verdict: 'passed-with-violations',
    reason: `${held}, ${counted(tally.violations, 'violation')} within the ${rules.maxViolations} allowed`,
  }
}

function inconclusive(reason: string): GateDecision {
  return { verdict: 'inconclusive', reason: `is inconclusive: ${reason}` }
}
