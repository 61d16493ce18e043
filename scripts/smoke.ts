import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { runProgram } from './lib/program.ts'
import { type SuiteResult, SUITES, runSuites } from './lib/suites.ts'
import { httpUrl, required } from './lib/values.ts'

const smoke = command({
  summary:
    'asks a running service five things: is it healthy, does it show metrics, the right ones, does it answer, does it count.',
  options: {
    url: { type: 'string', value: 'URL', help: 'The service.' },
    metrics: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'Its metrics page; again for each process behind it (default URL/metrics).',
    },
    'expect-version': { type: 'string', value: 'X.Y.Z', help: 'The version that /version must name.' },
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: [
    'node scripts/smoke.ts --url http://127.0.0.1:47103 --expect-version 1.4.0',
    'node scripts/smoke.ts --url http://127.0.0.1:47100 --metrics http://127.0.0.1:47102/metrics --metrics http://127.0.0.1:47103/metrics',
  ],
  async run(values): Promise<Outcome> {
    const url = httpUrl(required(values.url, '--url'), '--url')
    const metrics = (values.metrics ?? [`${url}/metrics`]).map((page) => httpUrl(page, '--metrics'))
    if (values['dry-run'] === true) return planned(url, metrics)
    const results = await runSuites({ url, metrics, expectVersion: values['expect-version'] })
    return report(url, results)
  },
})

function planned(url: string, metrics: readonly string[]): Outcome {
  const suites = Object.entries(SUITES).map(([name, suite]) => ({ name, asks: suite.asks }))
  const text = suites.map(({ name, asks }) => `$ ${name.padEnd(16)} would ask ${asks}\n`).join('')
  return {
    document: { ok: true, dryRun: true, url, metrics, suites },
    text: `${text}  at ${url}, metrics at ${metrics.join(', ')}\n`,
  }
}

function report(url: string, results: readonly SuiteResult[]): Outcome {
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
    remedy:
      'Send no users there. If nothing answers: start it (npm run lab), or give its addresses with --url and --metrics.',
  }
}

export const program: Program = {
  name: 'node scripts/smoke.ts',
  summary: 'smoke tests. Only reads.',
  commands: { smoke },
  fallback: 'smoke',
}

if (import.meta.main) await runProgram(program)
