import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { type Judged, judge, parseValue } from './lib/objectives.ts'
import { type History, addPassing, readHistory } from './lib/objective-history.ts'
import { readMeasured, readObjectives } from './lib/objective-file.ts'
import { runProgram } from './lib/program.ts'
import { quantile, timeCalls } from './lib/timing.ts'
import { httpUrl, integer, required } from './lib/values.ts'

const HISTORY = {
  history: { type: 'string', value: 'FILE', help: 'Earlier passing runs; this one is added when it passes.' },
  slack: { type: 'string', value: 'PERCENT', help: 'How much worse than their mean it may be (default 10).' },
  last: { type: 'string', value: 'N', help: 'How many of the last passing runs count (default 5).' },
} as const

const check = command({
  summary:
    'holds measured values against objectives with units and directions, and lists every one that is not met.',
  options: {
    objectives: { type: 'string', value: 'FILE', help: 'YAML: name, and below or above with a unit.' },
    measured: {
      type: 'string',
      value: 'FILE',
      help: 'YAML or JSON: name to value with its unit, such as 180ms.',
    },
    ...HISTORY,
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: ['node scripts/slo.ts check --objectives slos.yml --measured bench.json --history baseline.json'],
  async run(values): Promise<Outcome> {
    const objectives = await readObjectives(required(values.objectives, '--objectives'))
    const measured = await readMeasured(required(values.measured, '--measured'))
    return await finish(values, await judgeAll(values, objectives, measured), measured)
  },
})

const time = command({
  summary: 'calls an address in a row, and holds the slow end of the answers against a limit.',
  options: {
    url: { type: 'string', value: 'URL', help: 'What to call.' },
    calls: { type: 'string', value: 'N', help: 'How many calls, at least 20 (default 40).' },
    p95: { type: 'string', value: 'TIME', help: 'What 95 of 100 answers must stay within, such as 500ms.' },
    ...HISTORY,
    ...DRY_RUN,
    ...COMMON,
  } as const,
  async run(values): Promise<Outcome> {
    const url = httpUrl(required(values.url, '--url'), '--url')
    const limit = required(values.p95, '--p95')
    const calls = integer(values.calls ?? '40', '--calls', 20, 10_000)
    if (parseValue(limit)?.unit.dimension !== 'seconds')
      throw usageFailure(`Unexpected limit "${limit}".`, 'It is no time.', 'Write it as --p95 500ms.')
    if (values['dry-run'] === true)
      return {
        document: { ok: true, dryRun: true, url, calls },
        text: `$ would call ${url} ${calls} times\n`,
      }
    const p95 = quantile(await timeCalls(url, calls), 0.95)
    const measured = new Map([['p95', `${Number(p95.toFixed(1))}ms`]])
    const judged = await judgeAll(values, [{ name: 'p95', side: 'below', limit }], measured)
    return await finish(values, judged, measured)
  },
})

type HistoryFlags = { history?: string; slack?: string; last?: string; 'dry-run'?: boolean }

async function judgeAll(
  values: HistoryFlags,
  objectives: Parameters<typeof judge>[0],
  measured: ReadonlyMap<string, string>,
): Promise<Judged[]> {
  const history: History = values.history === undefined ? [] : await readHistory(values.history)
  const last = integer(values.last ?? '5', '--last', 1, 1000)
  const slack = integer(values.slack ?? '10', '--slack', 0, 1000) / 100
  return judge(objectives, measured, history.slice(-last), slack)
}

async function finish(
  values: HistoryFlags,
  judged: readonly Judged[],
  measured: ReadonlyMap<string, string>,
): Promise<Outcome> {
  const failed = judged.filter(({ ok }) => !ok)
  if (failed.length === 0 && values.history !== undefined && values['dry-run'] !== true)
    await addPassing(values.history, measured)
  const lines = judged.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(20)} ${detail}\n`)
  const last =
    failed.length === 0 ? 'every objective is met\n' : `${failed.length} of ${judged.length} are not met\n`
  return {
    document: { ok: failed.length === 0, objectives: judged },
    text: lines.join('') + last,
    exitCode: failed.length === 0 ? 0 : 1,
    remedy:
      'Find what became slower or larger since the last passing run, or change the objective on purpose.',
  }
}

export const program: Program = {
  name: 'node scripts/slo.ts',
  summary: 'performance objectives: limits with units, and no worse than the last passing runs.',
  commands: { check, time },
}

if (import.meta.main) await runProgram(program)
