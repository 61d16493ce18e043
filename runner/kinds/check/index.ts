import { z } from 'zod'
import { defineKind, fence } from '../kind.ts'
import { processResult, processView } from '../process-result.ts'
import { commonParams } from '../../model/common-params.ts'

const params = z.object({
  cwd: z
    .string()
    .optional()
    .describe('Working directory, relative to where the run was started. Default: there.'),
  outputs: z
    .string()
    .optional()
    .describe('Names of the values the script writes to $RUNBOOK_OUTPUT, separated by commas.'),
  timeout: commonParams.shape.timeout,
})

export const check = defineKind({
  name: 'check',
  summary: 'Reads and asserts: passes when its script exits with 0.',
  params,
  body: { fences: [{ role: 'main', languages: 'script', required: true }] },
  effect: () => 'read',
  async run({ cwd, timeout }, context) {
    const script = fence(context.step, 'main')
    if (!script) throw new TypeError(`Step \`${context.step.id}\` has no script`)
    return processResult(await context.process({ script, cwd, timeoutMs: timeout }))
  },
  view(_, step, outcome) {
    if (outcome) return processView(outcome)
    return step.fences.map(({ code, lang }) => ({ type: 'code', code, lang }))
  },
})
