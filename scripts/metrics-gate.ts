import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendRequest } from '../runner/engine/process/http.ts'
import { makeGate } from '../runner/kinds/gate/gate.ts'
import { params } from '../runner/kinds/gate/params.ts'
import type { Sample, Watched } from '../runner/kinds/gate/watch.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure, usageFailure } from './lib/failure.ts'
import { PRESETS, numbersOf } from './lib/presets.ts'
import { runProgram } from './lib/program.ts'
import { duration, integer, required } from './lib/values.ts'

const gate = command({
  summary: 'watches metrics until they have been good for long enough; the same gate as in a runbook.',
  options: {
    source: {
      type: 'string',
      value: 'URL',
      help: 'A Prometheus server, or pages that end in /metrics, with commas between.',
    },
    labels: {
      type: 'string',
      value: 'LABELS',
      help: 'Labels that select the release, such as color="green".',
    },
    for: { type: 'string', value: 'TIME', help: 'How long they must hold (default 5m).' },
    interval: { type: 'string', value: 'TIME', help: 'Time from one look to the next (default 15s).' },
    range: { type: 'string', value: 'TIME', help: 'How far back each look counts (default 1m).' },
    preset: {
      type: 'string',
      value: 'NAME',
      help: `Limits by name: ${Object.keys(PRESETS).join(', ')} (default standard).`,
    },
    set: {
      type: 'string',
      value: 'NAMES',
      help: 'Limits that differ from the preset: "max_errors=0.5% p95=800ms".',
    },
    metrics: {
      type: 'string',
      value: 'FILE',
      help: 'A list of metrics as in the fence of a Gate, in place of the limits.',
    },
    'max-violations': {
      type: 'string',
      value: 'N',
      help: 'More violations than this fail it at once (default 3).',
    },
    'min-samples': {
      type: 'string',
      value: 'SHARE',
      help: 'Share of the looks that must be good (default 80%).',
    },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: [
    'node scripts/metrics-gate.ts --source http://127.0.0.1:47103/metrics --for 1m --interval 5s',
    'node scripts/metrics-gate.ts --source http://127.0.0.1:9090 --labels \'color="green"\' --for 10m',
  ],
  async run(values): Promise<Outcome> {
    const text =
      values.metrics === undefined ? standardMetrics(values) : await readFile(values.metrics, 'utf8')
    const settings = params.safeParse({
      source: required(values.source, '--source'),
      for: time(values.for ?? '5m', '--for'),
      interval: time(values.interval ?? '15s', '--interval'),
      range: time(values.range ?? '1m', '--range'),
      maxViolations: integer(values['max-violations'] ?? '3', '--max-violations', 0, 10_000),
      minSamples: values['min-samples'] ?? '80%',
    })
    if (!settings.success)
      throw usageFailure(
        'The settings cannot be read.',
        settings.error.issues.map(({ message }) => message).join('; '),
        'Correct them.',
      )
    const stop = new AbortController()
    const made = makeGate(text, settings.data, {
      http: (request) => sendRequest(request, undefined, stop.signal),
      clock: { monotonic: () => performance.now(), wall: Date.now, sleep: (ms) => pause(ms, stop.signal) },
      signal: stop.signal,
    })
    if (typeof made === 'string')
      throw usageFailure('The gate cannot be read.', made, 'Correct --source or the metrics.')
    if (values['dry-run'] === true)
      return planned(settings.data.source, text, Math.floor(settings.data.for / settings.data.interval))
    process.once('SIGINT', () => stop.abort())
    process.once('SIGTERM', () => stop.abort())
    const samples: Sample[] = []
    const watched = await made.watch((sample) => {
      samples.push(sample)
      if (values.json !== true) process.stderr.write(lineOf(sample))
    })
    return report(watched, samples)
  },
})

/** The three objectives of a service that counts its requests under the usual names. */
function standardMetrics(values: { preset?: string; set?: string; labels?: string }): string {
  const { max_errors, p95, p99 } = numbersOf(
    values.preset ?? 'standard',
    values.set === undefined ? [] : [values.set],
  )
  const labels = values.labels ?? ''
  const bad = `http_requests_total{${[labels, 'code=~"5.."'].filter((one) => one !== '').join(',')}}`
  const list = [
    { name: 'failed requests', ratio: { bad, total: `http_requests_total{${labels}}` }, below: max_errors },
    {
      name: '95 of 100',
      quantile: { histogram: `http_request_duration_seconds{${labels}}`, q: 0.95 },
      below: p95,
    },
    {
      name: '99 of 100',
      quantile: { histogram: `http_request_duration_seconds{${labels}}`, q: 0.99 },
      below: p99,
    },
  ]
  return `${JSON.stringify(list, null, 2)}\n`
}

/** Refuses a time here, with the name of its flag, in the words of the scripts. */
function time(text: string, flag: string): string {
  return `${duration(text, flag)}ms`
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

function lineOf({ tick, of, verdict, metrics, reason, phase }: Sample): string {
  if (phase === 'first')
    return `look 0 of ${of}  what counters are compared with${verdict === 'error' ? `: ${reason}` : ''}\n`
  const parts = metrics.map(({ metric, reason: why }) => `${metric.name} ${why}`)
  return `look ${tick} of ${of}  ${verdict.padEnd(9)} ${verdict === 'error' ? reason : parts.join('; ')}\n`
}

function planned(source: string, text: string, expected: number): Outcome {
  return {
    document: { ok: true, dryRun: true, source, metrics: text, looks: expected },
    text: `$ would look ${expected} times at ${source}:\n${text}`,
  }
}

/** Only a pass is a pass: failed, inconclusive and aborted all exit with 1. */
function report(watched: Watched, samples: readonly Sample[]): Outcome {
  const passed = watched.verdict === 'passed' || watched.verdict === 'passed-with-violations'
  const { verdict, reason, tally } = watched
  const looks = samples.map(({ tick, verdict: own, at, metrics }) => ({
    tick,
    verdict: own,
    atMs: Math.round(at),
    metrics: metrics.map(({ metric, value, reason: why }) => ({
      name: metric.name,
      value: value ?? null,
      reason: why,
    })),
  }))
  if (passed)
    return { document: { ok: true, verdict, reason, tally, looks }, text: `${verdict}: the gate ${reason}\n` }
  if (samples.length === 0) throw new Failure('The gate was not begun.', reason, 'Start it again.')
  return {
    document: { ok: false, verdict, reason, tally, looks },
    text: `${verdict}: the gate ${reason}\n`,
    exitCode: 1,
    remedy:
      'Do not go on. Failed: take the release back. Inconclusive: check that --source answers and that there is traffic, then look again.',
  }
}

export const program: Program = {
  name: 'node scripts/metrics-gate.ts',
  summary: 'a gate on metrics, for scripts and CI. Only reads.',
  commands: { gate },
  fallback: 'gate',
}

if (import.meta.main) await runProgram(program)
