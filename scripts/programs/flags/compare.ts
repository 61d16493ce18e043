import { setTimeout as sleep } from 'node:timers/promises'
import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { type MetricSample, parseMetrics } from '../../lib/metrics-page.ts'

interface Counts {
  requests: number
  failed: number
}

/** Traffic with a flag on beside traffic with it off. */
export interface Comparison {
  ok: boolean
  on: Counts
  off: Counts
  reason: string
}

const REQUESTS = 'feature_requests_total'
const EVALUATIONS = 'feature_flag_evaluations_total'
/** Fewer requests than this say nothing about a share of failures. */
const LEAST = 30
/** A difference that chance explains in less than one of 300 comparisons. */
const Z = 2.7

/** Watches for a while and compares the shares of failures by a test of two proportions. Too little traffic is not a pass. */
export async function compareTraffic(
  pages: readonly string[],
  flag: string,
  forMs: number,
): Promise<Comparison> {
  const before = await read(pages)
  await sleep(forMs)
  const after = await read(pages)
  const counts = (variant: string): Counts => ({
    requests: grown(before, after, REQUESTS, { flag, variant }),
    failed: grown(before, after, REQUESTS, { flag, variant, code: '5' }),
  })
  return verdict(counts('on'), counts('off'))
}

/**
 * Whether traffic with the flag on fails more than traffic with it off.
 * @internal
 */
export function verdict(on: Counts, off: Counts): Comparison {
  if (on.requests < LEAST || off.requests < LEAST) {
    const few = on.requests < LEAST ? 'on' : 'off'
    return {
      ok: false,
      on,
      off,
      reason: `too little traffic with the flag ${few} to compare: the result is unknown`,
    }
  }
  const pooled = (on.failed + off.failed) / (on.requests + off.requests)
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / on.requests + 1 / off.requests))
  const difference = on.failed / on.requests - off.failed / off.requests
  const worse = spread > 0 && difference / spread > Z
  const points = (difference * 100).toFixed(2)
  return {
    ok: !worse,
    on,
    off,
    reason: worse
      ? `on fails more often than off, by ${points} percentage points: more than chance explains`
      : 'on fails no more often than off',
  }
}

/** How often a flag was evaluated while it was watched. */
export async function evaluations(pages: readonly string[], flag: string, forMs: number): Promise<number> {
  const before = await read(pages)
  await sleep(forMs)
  return grown(before, await read(pages), EVALUATIONS, { flag })
}

async function read(pages: readonly string[]): Promise<MetricSample[]> {
  const samples = await Promise.all(pages.map(readOne))
  return samples.flat()
}

async function readOne(url: string): Promise<MetricSample[]> {
  try {
    const answer = await fetchByProxy(url, { signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new TypeError(`It answered ${answer.status}`)
    return parseMetrics(await answer.text(), answer.headers.get('content-type') ?? '')
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${url} cannot be read: ${messageOf(error)}`,
      'Check the address of the metrics page.',
    )
  }
}

function grown(
  before: readonly MetricSample[],
  after: readonly MetricSample[],
  name: string,
  labels: Record<string, string>,
): number {
  return sum(after, name, labels) - sum(before, name, labels)
}

function sum(
  samples: readonly MetricSample[],
  name: string,
  { code, ...labels }: Record<string, string>,
): number {
  return samples
    .filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value) &&
        (code === undefined || sample.labels['code']?.startsWith(code) === true),
    )
    .reduce((total, { value }) => total + value, 0)
}
