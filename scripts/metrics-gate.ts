import { defineCommand, defineProgram, optional, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { choice, duration, filePath, integer, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendRequest } from '../runner/engine/process/send-request.ts'
import { makeGate } from '../runner/kinds/gate/gate.ts'
import { params } from '../runner/kinds/gate/gate-params.ts'
import type { Sample, Watched } from '../runner/kinds/gate/watch.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { needed } from '../runner/kit/read-values.ts'
import { ENVIRONMENT, type Environment, environmentOf } from './domain/environments.ts'
import { PRESETS, numbersOf } from './domain/rollout-presets.ts'

const gate = defineCommand({
  name: 'gate',
  summary: 'Watch metrics until they have been good for long enough; the same gate as in a runbook.',
  args: {},
  options: {
    source: optional(
      string('urls'),
      'A Prometheus server, or pages that end in /metrics, with commas between.',
    ),
    labels: optional(string('labels'), 'Labels that select the release, such as color="green".'),
    ...ENVIRONMENT,
    for: withDefault(duration(), '5m', 'How long they must hold.'),
    interval: withDefault(duration(), '15s', 'Time from one look to the next.'),
    range: withDefault(duration(), '1m', 'How far back each look counts.'),
    preset: withDefault(choice(Object.keys(PRESETS)), 'standard', 'Limits by name.'),
    set: optional(string('names'), 'Limits that differ from the preset: "max_errors=0.5% p95=800ms".'),
    metrics: optional(
      filePath('file'),
      'A list of metrics as in the fence of a Gate, in place of the limits.',
    ),
    maxViolations: withDefault(integer(0, 10_000), '3', 'More violations than this fail it at once.'),
    minSamples: withDefault(string('share'), '80%', 'Share of the looks that must be good.'),
  },
  effect: 'write',
  examples: [
    'runbook metrics-gate --source http://127.0.0.1:47103/metrics --for 1m --interval 5s',
    'runbook metrics-gate --source http://127.0.0.1:9090 --labels \'color="green"\' --for 10m',
    'scripts/release_metrics_gate.sh local 5',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const environment = await environmentOf(options)
    const source = needed(options.source ?? sourceOf(environment), '--source')
    const labels = options.labels ?? environment?.labels ?? ''
    const text =
      options.metrics === undefined
        ? standardMetrics(options.preset, options.set, labels)
        : await readFile(options.metrics, 'utf8')
    const settings = params.safeParse({
      source,
      for: `${options.for}ms`,
      interval: `${options.interval}ms`,
      range: `${options.range}ms`,
      maxViolations: options.maxViolations,
      minSamples: options.minSamples,
    })
    if (!settings.success)
      throw new CliError(
        exit.usage,
        `The settings cannot be read: ${settings.error.issues.map(({ message }) => message).join('; ')}`,
        'Correct them.',
      )
    const stop = new AbortController()
    const made = makeGate(text, settings.data, {
      http: (request) => sendRequest(request, undefined, stop.signal),
      clock: { monotonic: () => performance.now(), wall: Date.now, sleep: (ms) => pause(ms, stop.signal) },
      signal: stop.signal,
    })
    if (!made.ok)
      throw new CliError(
        exit.usage,
        `The gate cannot be read: ${made.problem.message}`,
        'Correct --source or the metrics.',
      )
    if (dryRun)
      return planned(settings.data.source, text, Math.floor(settings.data.for / settings.data.interval))
    process.once('SIGINT', () => stop.abort())
    process.once('SIGTERM', () => stop.abort())
    const samples: Sample[] = []
    const watched = await made.value.watch((sample) => {
      samples.push(sample)
      if (!io.json) process.stderr.write(lineOf(sample))
    })
    return report(watched, samples)
  },
})

/** Its Prometheus server, which knows every process; without one, the metrics pages. */
function sourceOf(environment: Environment | undefined): string | undefined {
  return environment?.prometheus ?? environment?.metrics.join(',')
}

/** The three objectives of a service that counts its requests under the usual names. */
function standardMetrics(preset: string, set: string | undefined, labels: string): string {
  const { max_errors, p95, p99 } = numbersOf(preset, set === undefined ? [] : [set])
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

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

function lineOf({ tick, of, verdict, metrics, reason, phase }: Sample): string {
  if (phase === 'first')
    return `look 0 of ${of}  what counters are compared with${verdict === 'error' ? `: ${reason}` : ''}\n`
  const parts = metrics.map(({ metric, reason: why }) => `${metric.name} ${why}`)
  return `look ${tick} of ${of}  ${verdict.padEnd(9)} ${verdict === 'error' ? reason : parts.join('; ')}\n`
}

function planned(source: string, text: string, expected: number): CommandReport {
  return {
    document: { ok: true, dryRun: true, source, metrics: text, looks: expected },
    text: `$ would look ${expected} times at ${source}:\n${text}`,
  }
}

/** Only a pass is a pass: failed, inconclusive and aborted all exit with 1. */
function report(watched: Watched, samples: readonly Sample[]): CommandReport {
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
  if (samples.length === 0)
    throw new CliError(exit.failed, `The gate was not begun: ${reason}`, 'Start it again.')
  return {
    document: { ok: false, verdict, reason, tally, looks },
    text: `${verdict}: the gate ${reason}\n`,
    exitCode: 1,
    hint: 'Do not continue. Failed: roll back the release. Inconclusive: check that --source answers and that there is traffic, then look again.',
  }
}

export const program = defineProgram({
  name: 'runbook metrics-gate',
  summary: 'Judge metrics in scripts and CI. Only reads.',
  commands: [gate],
  fallback: 'gate',
})

if (import.meta.main) await runProgram(program)
