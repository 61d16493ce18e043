import { setTimeout as sleep } from 'node:timers/promises'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { type Sample, parseMetrics } from './lib/openmetrics.ts'
import { runProgram } from './lib/program.ts'
import { LIMITS, type Look, addLook, emptyWatch, fired } from './lib/triggers.ts'
import { duration, httpUrl, integer, required, share } from './lib/values.ts'

const LIMIT_MS = 2000

const watch = command({
  summary:
    'watches a process for as long as it is left alone, and ends with 1 as soon as it must be taken back.',
  options: {
    url: { type: 'string', value: 'URL', help: 'Its own address, with /readyz and /metrics.' },
    for: { type: 'string', value: 'TIME', help: 'How long it is left alone, up to a week.' },
    interval: { type: 'string', value: 'TIME', help: 'Time from one look to the next (default 5s).' },
    unhealthy: {
      type: 'string',
      value: 'N',
      help: `Failed health checks in a row that are tolerated (default ${LIMITS.unhealthy}).`,
    },
    errors: {
      type: 'string',
      value: 'N',
      help: `Errors in a hundred answers that are tolerated (default ${LIMITS.errorsPerHundred}).`,
    },
    restarts: {
      type: 'string',
      value: 'N',
      help: `Restarts in five minutes that are tolerated (default ${LIMITS.restarts}).`,
    },
    memory: { type: 'string', value: 'MB', help: 'Megabytes that are tolerated (default: not looked at).' },
    throttled: {
      type: 'string',
      value: 'SHARE',
      help: 'Share of periods it may be held back at its CPU limit (default 25%). Looked at where it is counted.',
    },
    unread: {
      type: 'string',
      value: 'N',
      help: `Looks in a row without metrics that are tolerated (default ${LIMITS.unread}).`,
    },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: ['node scripts/triggers.ts --url http://127.0.0.1:47103 --for 30m'],
  async run(values): Promise<Outcome> {
    const url = httpUrl(required(values.url, '--url'), '--url')
    const forMs = duration(required(values.for, '--for'), '--for')
    const intervalMs = duration(values.interval ?? '5s', '--interval')
    const number = (text: string | undefined, flag: string, fallback: number): number =>
      text === undefined ? fallback : integer(text, flag, 0, 1_000_000)
    const memory =
      values.memory === undefined ? undefined : integer(values.memory, '--memory', 1, 1_000_000) * 1e6
    const limits = {
      unhealthy: number(values.unhealthy, '--unhealthy', LIMITS.unhealthy),
      errorsPerHundred: number(values.errors, '--errors', LIMITS.errorsPerHundred),
      restarts: number(values.restarts, '--restarts', LIMITS.restarts),
      unread: number(values.unread, '--unread', LIMITS.unread),
      memory,
      throttled: values.throttled === undefined ? LIMITS.throttled : share(values.throttled, '--throttled'),
    }
    if (values['dry-run'] === true)
      return {
        document: { ok: true, dryRun: true, url, limits },
        text: `$ would watch ${url} for ${values.for}\n`,
      }
    const end = performance.now() + forMs
    let seen = emptyWatch
    for (let looks = 1; ; looks++) {
      const before = seen.restarts.at(-1)
      seen = addLook(seen, await lookAt(url))
      if (looks === 1) process.stderr.write(`watching ${url} for ${values.for}\n`)
      if (seen.restarts.at(-1) !== before)
        process.stderr.write(`restarted, ${seen.restarts.length} within five minutes\n`)
      const why = fired(seen, limits)
      if (why.length > 0)
        return {
          document: { ok: false, url, fired: why, looks },
          text: why.map((one) => `FIRED ${one}\n`).join(''),
          exitCode: 1,
          remedy: 'Take the release back: runbook rollback last, or the rollback page.',
        }
      if (performance.now() >= end && seen.unreadInARow > 0) return withoutData(url, looks)
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
function withoutData(url: string, looks: number): Outcome {
  return {
    document: { ok: false, url, fired: [], inconclusive: 'no metrics', looks },
    text: `INCONCLUSIVE the last look counted no answers: ${url}/metrics\n`,
    exitCode: 1,
    remedy:
      'Make /metrics answer with http_requests_total, then watch again; without it a release can fail unseen.',
  }
}

async function lookAt(url: string): Promise<Look> {
  const at = Date.now()
  const healthy = await get(`${url}/readyz`).then((text) => text !== undefined)
  const samples = samplesOf(await get(`${url}/metrics`))
  const requests = samples.filter(({ name }) => name === 'http_requests_total')
  const sum = (code: RegExp): number | undefined =>
    requests.length === 0
      ? undefined
      : requests
          .filter(({ labels }) => code.test(labels['code'] ?? ''))
          .reduce((total, { value }) => total + value, 0)
  const single = (name: string): number | undefined => samples.find((sample) => sample.name === name)?.value
  return {
    at,
    healthy,
    startedAt: single('process_start_time_seconds'),
    memory: single('process_resident_memory_bytes'),
    answers: sum(/./),
    errors: sum(/^5/),
    periods: single('container_cpu_cfs_periods_total'),
    throttledPeriods: single('container_cpu_cfs_throttled_periods_total'),
  }
}

/** No samples where the page did not answer or cannot be read: the look then counts as one without metrics. */
function samplesOf(page: string | undefined): Sample[] {
  try {
    return page === undefined ? [] : parseMetrics(page)
  } catch {
    return []
  }
}

async function get(url: string): Promise<string | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => undefined)
  const text = await response?.text().catch(() => undefined)
  return response?.ok === true ? text : undefined
}

export const program: Program = {
  name: 'node scripts/triggers.ts',
  summary: 'rollback triggers: health, errors, restarts, memory, CPU. Only reads.',
  commands: { watch },
  fallback: 'watch',
}

if (import.meta.main) await runProgram(program)
