import * as z from 'zod'
import { expression, holds, parseJson, unmet } from '../expectation.ts'
import { defineKind, fence } from '../kind.ts'
import type { Result, StepContext } from '../kind.ts'
import { processResult, processView } from '../process-result.ts'
import { lookUntil, untilParams } from '../until.ts'
import { commonParams } from '../../model/steps/common-params.ts'
import { formatDuration } from '../../model/values/duration.ts'
import type { View } from '../../model/view.ts'

const params = z.object({
  cwd: z
    .string()
    .optional()
    .describe('Working directory, relative to where the run was started. Default: that directory.'),
  outputs: z
    .string()
    .optional()
    .describe('Names of the values the script writes to $RUNBOOK_OUTPUT, separated by commas.'),
  expect: expression({ text: 'string', lines: 'list<string>', json: 'dyn' }, 'bool')
    .optional()
    .describe('A CEL expression over text (the output), lines and json that must be true as well.'),
  ...untilParams,
  timeout: commonParams().shape.timeout,
})

export const check = defineKind({
  name: 'check',
  summary: 'Reads and asserts: passes when its script exits with 0.',
  reference: {
    example: [
      '<Check id="ready" title="Three replicas are up" until="5m" interval="10s" expect="json.replicas == 3">',
      '',
      '```bash',
      'curl -fsS http://127.0.0.1:8080/status',
      '```',
      '',
      '</Check>',
    ].join('\n'),
    notes: [
      'A check passes when its script exits with 0 and `expect` holds. With `until` it tries again until it passes or the time is over.',
    ],
  },
  params,
  expressions: ['expect'],
  body: { fences: [{ role: 'main', languages: 'script', required: true }] },
  effect: () => 'read',
  async run({ cwd, timeout, expect, ...until }, context) {
    const script = fence(context.step, 'main')
    if (!script) throw new TypeError(`Step \`${context.step.id}\` has no script`)
    return lookUntil(until, context, async (time) => {
      const part = until.until === undefined ? {} : { part: `${context.stretch}.${time}` }
      const outcome = await context.process({ script, cwd, timeoutMs: timeout, ...part })
      const ended = processResult(outcome)
      if (expect === undefined || ended.status !== 'passed') return ended
      return judge(ended, expect, await context.printed(outcome, 'stdout'), context)
    })
  },
  view({ expect, until }, step, outcome) {
    if (outcome) return processView(outcome)
    const limit = until === undefined ? [] : [`within ${formatDuration(until)}`]
    const value = [...(expect === undefined ? [] : [expect]), ...limit].join(', ')
    return [
      ...step.fences.map(({ code, lang }): View => ({ type: 'code', code, lang })),
      ...(value === '' ? [] : [{ type: 'field', name: 'passes with', value } as const]),
    ]
  },
})

function judge(ended: Result, expect: string, text: string, { excerpt }: StepContext): Result {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const values = { text: text.trim(), lines, json: parseJson(text) }
  const held = holds(expect, values)
  if (held.ok && held.value) return { ...ended, message: `${ended.message}, \`${expect}\` holds` }
  const why = !held.ok
    ? held.problem.message
    : `\`${expect}\` does not hold${unmet(expect, values, (value) => excerpt(value, 80))}`
  return { ...ended, status: 'failed', message: `${ended.message}, but ${why}`, outputs: {} }
}
