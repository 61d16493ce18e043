import { defineCommand, defineProgram, many, optional, required } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { httpUrl, semver } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { type SuiteResult, SUITES, runSuites } from './programs/smoke/suites.ts'

const smoke = defineCommand({
  name: 'smoke',
  summary:
    'Asks a running service five things: is it healthy, does it show metrics, the right ones, does it answer, does it count.',
  args: {},
  options: {
    url: required(httpUrl, 'The service.'),
    metrics: many(
      httpUrl,
      'Its metrics page; again for each process behind it. Default: its address with /metrics.',
    ),
    expectVersion: optional(semver, 'The version that /version must name.'),
  },
  effect: 'write',
  examples: [
    'runbook smoke --url http://127.0.0.1:47103 --expect-version 1.4.0',
    'runbook smoke --url http://127.0.0.1:47100 --metrics http://127.0.0.1:47102/metrics --metrics http://127.0.0.1:47103/metrics',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { url } = options
    const metrics = options.metrics.length > 0 ? options.metrics : [`${url}/metrics`]
    if (dryRun) return planned(url, metrics)
    const results = await runSuites({ url, metrics, expectVersion: options.expectVersion })
    return report(url, results)
  },
})

function planned(url: string, metrics: readonly string[]): CommandReport {
  const suites = Object.entries(SUITES).map(([name, suite]) => ({ name, asks: suite.asks }))
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
  summary: 'smoke tests. Only reads.',
  commands: [smoke],
  fallback: 'smoke',
})

if (import.meta.main) await runProgram(program)
