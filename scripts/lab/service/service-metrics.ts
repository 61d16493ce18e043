import { type Metric, counter, exposition, gauge, histogram } from '../metrics.ts'

/** Upper limits of the duration buckets in seconds; 1.0 and 2.0 are where the release objectives lie. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10] as const

/** Path classes that have their own series; every other path counts as `asset` or `other`. */
const ROUTES = ['/', '/echo', '/version', 'asset'] as const

/** Kinds of errors that pages report; every other one counts as `other`. */
const KINDS = ['script', 'network', 'render', 'other'] as const

/** One answered request. `path` is a class such as `/echo`, `asset` or `other`, so that the number of series stays small. */
export interface Answered {
  code: number
  method: string
  path: string
  seconds: number
}

/** The metrics of one color. Probes (`/healthz`, `/readyz`) and scrapes are not counted: they are no one's requests. */
export function serviceMetrics(
  color: string,
  version: string,
  more: readonly Metric[] = [],
): { count(request: Answered): void; report(kind: string): void; page: () => string } {
  const requests = counter('http_requests', 'Requests answered, by path class.')
  const duration = histogram(
    'http_request_duration_seconds',
    'Time from the request to its answer.',
    BUCKETS,
    { color },
  )
  const errors = counter('app_errors', 'Errors that pages reported, by kind.')
  for (const kind of KINDS) errors.add({ color, kind }, 0)
  // A series that exists at 0 lets a reader tell "no request yet" from "no such metric".
  for (const path of ROUTES) requests.add({ color, code: '200', method: 'GET', path }, 0)
  const all: Metric[] = [
    requests,
    duration,
    errors,
    gauge(
      'process_start_time_seconds',
      'Start of the process, Unix time.',
      () => [[{}, startTime]],
      'seconds',
    ),
    gauge(
      'process_resident_memory_bytes',
      'Memory the process holds.',
      () => [[{}, process.memoryUsage.rss()]],
      'bytes',
    ),
    gauge('storefront_build_info', 'The running build, always 1.', () => [[{ color, version }, 1]]),
    ...more,
  ]
  return {
    count({ code, method, path, seconds }) {
      requests.add({ color, code: String(code), method, path })
      duration.observe(seconds)
    },
    report(kind) {
      errors.add({ color, kind: KINDS.find((one) => one === kind) ?? 'other' })
    },
    page: () => exposition(all),
  }
}

const startTime = Math.round(performance.timeOrigin) / 1000
