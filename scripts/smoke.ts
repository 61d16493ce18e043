import { defineCommand, defineProgram, many, optional } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { httpUrl, semver, wordList } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { needed } from '../runner/kit/read-values.ts'
import { ENVIRONMENT, environmentOf } from './domain/environments.ts'
import {
  SUITE_NAMES,
  type SmokeTarget,
  type SuiteResult,
  runSuites,
  suitesOf,
} from './programs/smoke/suites.ts'

const smoke = defineCommand({
  name: 'smoke',
  summary:
    'Check a running service: its health, its metrics, its answers and its counters, and that Prometheus stores the metrics.',
  args: {},
  options: {
    url: optional(httpUrl, 'The service.'),
    metrics: many(
      httpUrl,
      'Its metrics page; again for each process behind it. Default: its address with /metrics.',
    ),
    prometheus: optional(httpUrl, 'A Prometheus server that scrapes it; asked for its critical metrics.'),
    expectVersion: optional(semver, 'The version that /version must name.'),
    suites: optional(wordList(SUITE_NAMES), `Run these alone. Default: ${SUITE_NAMES.join(', ')}.`),
    ...ENVIRONMENT,
  },
  effect: 'write',
  examples: [
    'runbook smoke --url http://127.0.0.1:47103 --expect-version 1.4.0',
    'runbook smoke --url http://127.0.0.1:47100 --metrics http://127.0.0.1:47102/metrics --metrics http://127.0.0.1:47103/metrics',
    'scripts/release_smoke.sh local',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const environment = await environmentOf(options)
    const url = needed(options.url ?? environment?.site, '--url')
    // The pages of an environment are of its site, and not of another address.
    const listed = options.url === undefined ? environment?.metrics : undefined
    const prometheus = options.prometheus ?? environment?.prometheus
    const target = {
      url,
      metrics: options.metrics.length > 0 ? options.metrics : (listed ?? [`${url}/metrics`]),
      expectVersion: options.expectVersion,
      suites: options.suites,
      prometheus: prometheus === undefined ? undefined : { url: prometheus, labels: environment?.labels },
    }
    if (dryRun) return planned(target)
    return report(url, await runSuites(target))
  },
})

function planned(target: SmokeTarget): CommandReport {
  const { url, metrics } = target
  const suites = Object.entries(suitesOf(target)).map(([name, suite]) => ({ name, asks: suite.asks }))
  const text = suites.map(({ name, asks }) => `$ ${name.padEnd(16)} would ask ${asks}\n`).join('')
  return {
    document: { ok: true, dryRun: true, url, metrics, suites },
    text: `${text}  at ${url}, metrics at ${metrics.join(', ')}\n`,
  }
}

function report(url: string, results: readonly SuiteResult[]): CommandReport {
  const failed = results.filter((result) => !result.ok)
  const lines = results.map(
    ({ name, ok, detail, ms }) => `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${detail} (${ms} ms)\n`,
  )
  const last =
    failed.length === 0
      ? `all ${results.length} suites passed: ${url}\n`
      : `${failed.length} of ${results.length} suites failed: ${url}\n`
  return {
    document: { ok: failed.length === 0, url, suites: results },
    text: lines.join('') + last,
    exitCode: failed.length === 0 ? 0 : 1,
    hint: 'Send no users there. If nothing answers: start it (npm run lab), or give its addresses with --url and --metrics.',
  }
}

export const program = defineProgram({
  name: 'runbook smoke',
  summary: 'Check a running service with smoke tests. Only reads.',
  commands: [smoke],
  fallback: 'smoke',
})

if (import.meta.main) await runProgram(program)
