import { defineCommand, defineProgram, many, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { assignment, duration, string } from '../runner/kit/types.ts'
import { failure, success } from '../runner/model/problem.ts'
import type { ValueType } from '../runner/kit/types.ts'
import { readAlarms, readFigure } from './adapters/cloudwatch.ts'
import { CliError } from '../runner/kit/error.ts'

/** A limit of a figure, such as `<0.5` or `>=99.9`. */
const limit: ValueType<{ text: string; holds: (value: number) => boolean }> = {
  form: 'limit',
  read(text) {
    const [, sign = '', digits = ''] = /^(<=|>=|<|>)(\d+(?:\.\d+)?)$/.exec(text.replaceAll(' ', '')) ?? []
    if (sign === '') return failure('a limit such as <0.5 or >=99.9')
    const bound = Number(digits)
    const tests: Record<string, (value: number) => boolean> = {
      '<': (value) => value < bound,
      '<=': (value) => value <= bound,
      '>': (value) => value > bound,
      '>=': (value) => value >= bound,
    }
    return success({ text: `${sign} ${bound}`, holds: tests[sign] ?? (() => false) })
  },
}

const alarms = defineCommand({
  name: 'alarms',
  summary:
    'Print alarms of CloudWatch. Exits with 1 when one is in ALARM, with 3 when there is none or one has too little data.',
  args: {},
  options: { prefix: withDefault(string('text'), '', 'The beginning of their names.') },
  effect: 'read',
  examples: ['runbook cloudwatch alarms --prefix shop-'],
  async run({ options }): Promise<CommandReport> {
    const all = await readAlarms(options.prefix)
    const has = (state: string): boolean => all.some(({ StateValue }) => StateValue === state)
    const unknown = all.length === 0 || has('INSUFFICIENT_DATA')
    const marks = { OK: '✓', ALARM: '✕', INSUFFICIENT_DATA: '?' }
    return {
      document: {
        ok: !has('ALARM') && !unknown,
        alarms: all.map(({ AlarmName: name, StateValue: state, StateReason: reason }) => ({
          name,
          state,
          reason,
        })),
      },
      text:
        all.map((one) => `${marks[one.StateValue]} ${one.AlarmName}  ${one.StateReason}\n`).join('') ||
        'There are no such alarms.\n',
      exitCode: has('ALARM') ? exit.failed : unknown ? exit.invalid : exit.done,
      hint: 'Without an alarm that says OK nothing is known.',
    }
  },
})

const metric = defineCommand({
  name: 'metric',
  summary:
    'Hold a figure of CloudWatch against a limit. Exits with 1 when a point breaks it, with 3 when there is no point.',
  args: {},
  options: {
    namespace: required(string('name'), 'Such as AWS/ApplicationELB.'),
    metric: required(string('name'), 'Such as TargetResponseTime.'),
    dimension: many(assignment, 'A dimension.'),
    stat: withDefault(string('name'), 'Average', 'Such as Sum, Maximum or p99.'),
    period: withDefault(duration(), '1m', 'The length of one point: whole minutes.'),
    window: withDefault(duration(), '10m', 'How far back.'),
    limit: required(limit, 'The limit, such as "<0.5".'),
  },
  effect: 'read',
  examples: [
    'runbook cloudwatch metric --namespace AWS/ApplicationELB --metric TargetResponseTime --dimension LoadBalancer=app/shop/1 --stat p99 --limit "<1"',
  ],
  async run({ options }): Promise<CommandReport> {
    const { namespace, metric: name, dimension, stat, period, window, limit: bound } = options
    if (period % 60_000 !== 0 || period === 0 || window < period)
      throw new CliError(
        exit.usage,
        'The period is not of whole minutes, or it is longer than the window',
        'Such as --period 1m --window 10m.',
      )
    const points = await readFigure(
      { namespace, metric: name, dimensions: dimension, stat, periodMs: period, windowMs: window },
      Date.now(),
    )
    const bad = points.filter(({ value }) => !bound.holds(value))
    const result = points.length === 0 ? 'inconclusive' : bad.length > 0 ? 'broken' : 'held'
    const lines = points.map(
      (one) => `${bound.holds(one.value) ? '✓' : '✕'} ${new Date(one.at).toISOString()}  ${one.value}\n`,
    )
    return {
      document: { ok: result === 'held', result, points },
      text: `${lines.join('')}${result}: ${bad.length} of ${points.length} points break ${bound.text}\n`,
      exitCode: { held: exit.done, broken: exit.failed, inconclusive: exit.invalid }[result],
      hint: 'No point is not a good point: check the names, and that there is traffic.',
    }
  },
})

export const program = defineProgram({
  name: 'runbook cloudwatch',
  summary: 'Ask CloudWatch for alarms and figures. Only reads.',
  commands: [alarms, metric],
})

if (import.meta.main) await runProgram(program)
