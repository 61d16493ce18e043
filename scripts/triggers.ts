import { fetchByProxy } from '../runner/engine/process/http-proxies.ts'
import { defineCommand, defineProgram, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { duration, httpUrl, integer, share } from '../runner/kit/types.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { parseSelector, selects } from '../runner/kinds/gate/selector.ts'
import type { Selector } from '../runner/kinds/gate/selector.ts'
import { runProgram } from '../runner/kit/program.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../runner/model/values/duration.ts'
import { type MetricSample, parseMetrics } from './lib/metrics-page.ts'
import { LIMITS, type Look, addLook, emptyWatch, fired } from './domain/rollback-triggers.ts'

const LIMIT_MS = 2000

const selector: ValueType<Selector> = { form: 'selector', read: parseSelector }

const count = integer(0, 1_000_000)

const watch = defineCommand({
  name: 'watch',
  summary: 'Watch a process for a time, and exit with 1 as soon as it must be rolled back.',
  args: {},
  options: {
    url: required(httpUrl, 'Its own address, with /readyz.'),
    metrics: optional(httpUrl, 'Its metrics page. Default: /metrics of its address.'),
    requests: withDefault(selector, 'http_requests_total', 'PromQL selector of the counters of all answers.'),
    failed: withDefault(
      selector,
      'http_requests_total{code=~"5.."}',
      'PromQL selector of the counters of failed answers.',
    ),
    for: required(duration({ max: 604_800_000 }), 'How long it is left alone, up to a week.'),
    interval: withDefault(duration(), '5s', 'Time from one look to the next.'),
    unhealthy: withDefault(
      count,
      String(LIMITS.unhealthy),
      'Failed health checks in a row that are tolerated.',
    ),
    errors: withDefault(
      count,
      String(LIMITS.errorsPerHundred),
      'Errors in a hundred answers that are tolerated.',
    ),
    restarts: withDefault(count, String(LIMITS.restarts), 'Restarts in five minutes that are tolerated.'),
    memory: optional(
      integer(1, 1_000_000, 'megabytes'),
      'Memory that is tolerated. Default: it is not looked at.',
    ),
    throttled: withDefault(
      share,
      String(LIMITS.throttled),
      'Share of periods it may be held back at its CPU limit. Looked at where it is counted.',
    ),
    unread: withDefault(count, String(LIMITS.unread), 'Looks in a row without metrics that are tolerated.'),
  },
  effect: 'write',
  examples: ['runbook triggers --url http://127.0.0.1:47103 --for 30m'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { url, for: forMs, interval: intervalMs, unhealthy, restarts, unread, throttled } = options
    const page = options.metrics ?? `${url}/metrics`
    const memory = options.memory === undefined ? undefined : options.memory * 1e6
    const limits = { unhealthy, errorsPerHundred: options.errors, restarts, unread, memory, throttled }
    const watched = formatDuration(forMs)
    if (dryRun)
      return {
        document: { ok: true, dryRun: true, url, limits },
        text: `$ would watch ${url} for ${watched}\n`,
      }
    const end = performance.now() + forMs
    let seen = emptyWatch
    for (let looks = 1; ; looks++) {
      const before = seen.restarts.at(-1)
      seen = addLook(seen, await lookAt(url, page, options))
      if (looks === 1) process.stderr.write(`watching ${url} for ${watched}\n`)
      if (seen.restarts.at(-1) !== before)
        process.stderr.write(`restarted, ${seen.restarts.length} within five minutes\n`)
      const why = fired(seen, limits)
      if (why.length > 0)
        return {
          document: { ok: false, url, fired: why, looks },
          text: why.map((one) => `FIRED ${one}\n`).join(''),
          exitCode: 1,
          hint: 'Roll back the release: runbook rollback last, or the rollback page.',
        }
      if (performance.now() >= end && seen.unreadInARow > 0) return withoutData(url, page, looks)
      if (performance.now() >= end)
        return {
          document: { ok: true, url, fired: [], looks },
          text: `nothing fired in ${looks} looks: ${url}\n`,
        }
      await sleep(Math.min(intervalMs, Math.max(0, end - performance.now())))
    }
  },
})

/** A watch that ends without metrics has not seen that the process is well. */
function withoutData(url: string, page: string, looks: number): CommandReport {
  return {
    document: { ok: false, url, fired: [], inconclusive: 'no metrics', looks },
    text: `INCONCLUSIVE the last look counted no answers: ${page}\n`,
    exitCode: 1,
    hint: 'Make the metrics page answer with the counters of --requests, then watch again; without them a release can fail unseen.',
  }
}

async function lookAt(
  url: string,
  page: string,
  counters: { requests: Selector; failed: Selector },
): Promise<Look> {
  const at = Date.now()
  const healthy = await get(`${url}/readyz`).then((text) => text !== undefined)
  const samples = samplesOf(await get(page))
  const values = (selected: Selector): number[] =>
    samples.filter((sample) => selects(selected, sample)).map(({ value }) => value)
  const answers = values(counters.requests)
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0)
  const single = (name: string): number | undefined => samples.find((sample) => sample.name === name)?.value
  return {
    at,
    healthy,
    startedAt: single('process_start_time_seconds'),
    memory: single('process_resident_memory_bytes'),
    answers: answers.length === 0 ? undefined : sum(answers),
    errors: answers.length === 0 ? undefined : sum(values(counters.failed)),
    periods: single('container_cpu_cfs_periods_total'),
    throttledPeriods: single('container_cpu_cfs_throttled_periods_total'),
  }
}

/** No samples where the page did not answer or cannot be read: the look then counts as one without metrics. */
function samplesOf(page: string | undefined): MetricSample[] {
  try {
    return page === undefined ? [] : parseMetrics(page)
  } catch {
    return []
  }
}

async function get(url: string): Promise<string | undefined> {
  const response = await fetchByProxy(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => undefined)
  const text = await response?.text().catch(() => undefined)
  return response?.ok === true ? text : undefined
}

export const program = defineProgram({
  name: 'runbook triggers',
  summary: 'Watch the rollback triggers: health, errors, restarts, memory, CPU. Only reads.',
  commands: [watch],
  fallback: 'watch',
})

if (import.meta.main) await runProgram(program)
