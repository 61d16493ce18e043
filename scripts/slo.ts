import { defineCommand, defineProgram, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { choice, duration, filePath, httpUrl, integer, share } from '../runner/kit/types.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { type Judged, judge } from './domain/objectives.ts'
import { type History, addPassing, readHistory } from './domain/objective-history.ts'
import { readMeasured, readObjectives } from './domain/objective-file.ts'
import { readCoverage } from './programs/slo/coverage.ts'
import { quantile, timeCalls } from './programs/slo/timing.ts'

const HISTORY = {
  history: optional(filePath('file'), 'Earlier passing runs; this one is added when it passes.'),
  slack: withDefault(integer(0, 1000), '10', 'How much worse than their mean it may be.'),
  last: withDefault(integer(1, 1000), '5', 'How many of the last passing runs count.'),
}

const check = defineCommand({
  name: 'check',
  summary:
    'Hold measured values against objectives with units and directions, and list each that is not met.',
  args: {},
  options: {
    objectives: required(filePath('file'), 'YAML: name, and below or above with a unit.'),
    measured: required(filePath('file'), 'YAML or JSON: name to value with its unit, such as 180ms.'),
    ...HISTORY,
  },
  effect: 'write',
  examples: ['runbook slo check --objectives slos.yml --measured bench.json --history baseline.json'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const objectives = await readObjectives(options.objectives)
    const measured = await readMeasured(options.measured)
    return await finish(options, dryRun, await judgeAll(options, objectives, measured), measured)
  },
})

const time = defineCommand({
  name: 'time',
  summary: 'Call an address in a row, and hold the slow end of the answers against a limit.',
  args: {},
  options: {
    url: required(httpUrl, 'Address to call.'),
    calls: withDefault(integer(20, 10_000), '40', 'How many calls, at least 20.'),
    p95: required(duration(), 'Limit for 95 of 100 answers, such as 500ms.'),
    ...HISTORY,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { url, p95: limitMs, calls } = options
    if (dryRun)
      return {
        document: { ok: true, dryRun: true, url, calls },
        text: `$ would call ${url} ${calls} times\n`,
      }
    const p95 = quantile(await timeCalls(url, calls), 0.95)
    const measured = new Map([['p95', `${Number(p95.toFixed(1))}ms`]])
    const judged = await judgeAll(options, [{ name: 'p95', side: 'below', limit: `${limitMs}ms` }], measured)
    return await finish(options, dryRun, judged, measured)
  },
})

const coverage = defineCommand({
  name: 'coverage',
  summary:
    'Hold the coverage of tests against a limit. Exits with 1 below it, and with 3 when the report does not say.',
  args: {},
  options: {
    report: withDefault(
      filePath('file'),
      'coverage/coverage-summary.json',
      'The summary, as Istanbul writes it.',
    ),
    least: withDefault(share, '90%', 'The least coverage that is met.'),
    of: withDefault(
      choice(['lines', 'statements', 'branches', 'functions']),
      'lines',
      'The kind that counts.',
    ),
  },
  effect: 'read',
  examples: ['runbook slo coverage --report coverage/coverage-summary.json --least 90%'],
  async run({ options: { report, least, of } }): Promise<CommandReport> {
    const read = await readCoverage(report, of)
    if (!read.ok)
      return {
        document: { ok: false, result: 'inconclusive', problem: read.problem.message },
        text: `inconclusive: ${read.problem.message}\n`,
        exitCode: exit.invalid,
        hint: 'Run the tests with coverage first.',
      }
    const ok = read.value >= least * 100
    return {
      document: { ok, covered: read.value, least: least * 100 },
      text: `${ok ? 'ok  ' : 'FAIL'} ${read.value} % of the ${of} are covered, at least ${least * 100} %\n`,
      exitCode: ok ? exit.done : exit.failed,
      hint: 'Test what is not covered; the report names it.',
    }
  },
})

async function judgeAll(
  { history: file, slack, last }: Values<typeof HISTORY>,
  objectives: Parameters<typeof judge>[0],
  measured: ReadonlyMap<string, string>,
): Promise<Judged[]> {
  const history: History = file === undefined ? [] : await readHistory(file)
  return judge(objectives, measured, history.slice(-last), slack / 100)
}

async function finish(
  { history }: Values<typeof HISTORY>,
  dryRun: boolean,
  judged: readonly Judged[],
  measured: ReadonlyMap<string, string>,
): Promise<CommandReport> {
  const failed = judged.filter(({ ok }) => !ok)
  if (failed.length === 0 && history !== undefined && !dryRun) await addPassing(history, measured)
  const lines = judged.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(20)} ${detail}\n`)
  const last =
    failed.length === 0 ? 'every objective is met\n' : `${failed.length} of ${judged.length} are not met\n`
  return {
    document: { ok: failed.length === 0, objectives: judged },
    text: lines.join('') + last,
    exitCode: failed.length === 0 ? 0 : 1,
    hint: 'Find what became slower or larger since the last passing run, or change the objective on purpose.',
  }
}

export const program = defineProgram({
  name: 'runbook slo',
  summary: 'Check performance objectives: limits with units, and no worse than the last passing runs.',
  commands: [check, time, coverage],
})

if (import.meta.main) await runProgram(program)
