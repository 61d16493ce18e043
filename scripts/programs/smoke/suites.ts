import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { quoteWhole } from '../../../runner/model/quote.ts'
import { randomBytes } from 'node:crypto'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { type MetricSample, parseMetrics } from '../../lib/metrics-page.ts'
import { counted } from '../../../runner/model/counted.ts'

/** The target. Every suite gets the same. */
export interface SmokeTarget {
  /** Without a trailing slash. */
  url: string
  /** Metrics pages of all processes that may answer; their counters are added up. */
  metrics: readonly string[]
  expectVersion?: string | undefined
  /** A Prometheus server that scrapes the service. Without one its suite is left out. */
  prometheus?: PrometheusTarget | undefined
  /** The suites to run, by name. Default: all. */
  suites?: readonly string[] | undefined
}

/** A Prometheus server, and the labels that select the service there. */
interface PrometheusTarget {
  url: string
  labels?: string | undefined
}

export interface SuiteResult {
  name: string
  ok: boolean
  /** The result, or the reason of the failure. */
  detail: string
  /** Milliseconds it took. */
  ms: number
}

/** One suite: what it asks, in words, and a run that returns what it found or throws. */
export interface Suite {
  asks: string
  run(target: SmokeTarget): Promise<string>
}

const LIMIT_MS = 5000
const COUNTED_CALLS = 5
const CRITICAL = [
  'http_requests_total',
  'http_request_duration_seconds_bucket',
  'http_request_duration_seconds_count',
  'process_start_time_seconds',
]

const SUITES: Record<string, Suite> = {
  health: { asks: '/healthz, /readyz and /version', run: health },
  metrics: { asks: 'each metrics page, and whether it can be read', run: metricsPages },
  'critical-metrics': { asks: `for ${CRITICAL.join(', ')}`, run: criticalMetrics },
  echo: { asks: '/echo?message=ping for pong and the same trace id', run: echo },
  counter: {
    asks: `/version ${COUNTED_CALLS} times, and whether the counter moved by at least ${COUNTED_CALLS}`,
    run: counter,
  },
}

/** The suites that a target may leave out, by name. */
export const SUITE_NAMES = Object.keys(SUITES)

/** The suites of a target, in the order in which they run. */
export function suitesOf({ prometheus, suites = SUITE_NAMES }: SmokeTarget): Record<string, Suite> {
  const wanted = Object.fromEntries(Object.entries(SUITES).filter(([name]) => suites.includes(name)))
  if (prometheus === undefined) return wanted
  const suite = { asks: `${prometheus.url} for ${CRITICAL.join(', ')}`, run: () => stored(prometheus) }
  return { ...wanted, prometheus: suite }
}

/** Runs all suites, also after one failed. */
export async function runSuites(target: SmokeTarget): Promise<SuiteResult[]> {
  const results: SuiteResult[] = []
  for (const [name, suite] of Object.entries(suitesOf(target))) {
    const started = performance.now()
    const result = await suite.run(target).then(
      (detail) => ({ ok: true, detail }),
      (error: unknown) => ({ ok: false, detail: messageOf(error) }),
    )
    results.push({ name, ...result, ms: Math.round(performance.now() - started) })
  }
  return results
}

async function health({ url, expectVersion }: SmokeTarget): Promise<string> {
  await get(`${url}/healthz`)
  await get(`${url}/readyz`)
  const { text } = await get(`${url}/version`)
  const version = /"version"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? 'unknown'
  if (expectVersion === undefined || version === expectVersion) return `healthy and ready, version ${version}`
  throw wrong('It runs another version.', expectVersion, version)
}

async function metricsPages({ metrics }: SmokeTarget): Promise<string> {
  const samples = await readAll(metrics)
  if (samples.length === 0) throw wrong('The metrics pages are empty.', 'samples', 'none')
  return `${counted(metrics.length, 'page')}, ${counted(samples.length, 'sample')}`
}

async function criticalMetrics({ metrics }: SmokeTarget): Promise<string> {
  for (const page of metrics) {
    const names = new Set((await readAll([page])).map((sample) => sample.name))
    const missing = CRITICAL.filter((name) => !names.has(name))
    if (missing.length > 0)
      throw new CliError(
        exit.failed,
        `${page} lacks ${missing.join(', ')}: gates and alerts are built on them`,
        'Deploy a build that has them.',
      )
  }
  return `all ${CRITICAL.length} present`
}

async function echo({ url }: SmokeTarget): Promise<string> {
  const trace = randomBytes(16).toString('hex')
  const { text, headers } = await get(`${url}/echo?message=ping`, { 'x-trace-id': trace })
  if (text !== 'pong') throw wrong('The echo is wrong.', '"pong"', quoteWhole(text, 80))
  const back = headers.get('x-trace-id')
  if (back !== trace) throw wrong('The trace id did not come back.', trace, back ?? 'none')
  return 'ping gave pong, trace id came back'
}

// At least as many: other clients may ask for /version at the same time.
async function counter({ url, metrics }: SmokeTarget): Promise<string> {
  const before = await versionRequests(metrics)
  for (let call = 0; call < COUNTED_CALLS; call++) await get(`${url}/version`)
  const moved = (await versionRequests(metrics)) - before
  if (moved >= COUNTED_CALLS) return `${COUNTED_CALLS} calls, counted ${moved}`
  throw wrong(
    'The counter does not follow the calls.',
    `at least +${COUNTED_CALLS}`,
    `${moved < 0 ? '' : '+'}${moved}`,
  )
}

async function versionRequests(metrics: readonly string[]): Promise<number> {
  const samples = (await readAll(metrics)).filter(
    ({ name, labels }) => name === 'http_requests_total' && labels['path'] === '/version',
  )
  return samples.reduce((sum, sample) => sum + sample.value, 0)
}

/** The metrics that gates and alerts ask the server for must be stored there, and not only be shown by the service. */
async function stored({ url, labels }: PrometheusTarget): Promise<string> {
  const selector = [`__name__=~"${CRITICAL.join('|')}"`, ...(labels === undefined ? [] : [labels])].join(',')
  const query = `count by (__name__) ({${selector}})`
  const { text } = await get(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
  const names = new Set([...text.matchAll(/"__name__":"([^"]+)"/g)].map(([, name]) => name))
  const missing = CRITICAL.filter((name) => !names.has(name))
  if (missing.length === 0) return `all ${CRITICAL.length} stored`
  throw new CliError(
    exit.failed,
    `${url} has not stored ${missing.join(', ')}: gates and alerts ask for them there`,
    'Check that it scrapes the service, and the labels of the environment.',
  )
}

async function readAll(pages: readonly string[]): Promise<MetricSample[]> {
  const all: MetricSample[] = []
  for (const page of pages) {
    const { text, headers } = await get(page, {
      accept: 'application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5',
    })
    all.push(...parseMetrics(text, headers.get('content-type') ?? ''))
  }
  return all
}

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ text: string; headers: Headers }> {
  let answer: { status: number; text: string; headers: Headers }
  try {
    const response = await fetchByProxy(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    answer = { status: response.status, text: await response.text(), headers: response.headers }
  } catch (error) {
    throw new CliError(exit.failed, `GET ${url} got no answer: ${messageOf(error)}`, 'Check that it runs.')
  }
  if (answer.status === 200) return answer
  throw new CliError(
    exit.failed,
    `GET ${url} answered ${answer.status}: expected 200, got ${quoteWhole(answer.text.trim(), 80)}`,
    'Look at the output of the service.',
  )
}

function wrong(what: string, expected: string, actual: string): CliError {
  return new CliError(
    exit.failed,
    `${what}: expected ${expected}, got ${actual}`,
    'Look at the output of the service.',
  )
}
