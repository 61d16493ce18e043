import { z } from 'zod'
import { defineKind, fence } from '../kind.ts'
import { processResult, processView } from '../process-result.ts'
import { commonParams } from '../../model/common-params.ts'
import type { View } from '../../model/view.ts'

const params = z.object({
  outputs: z
    .string()
    .optional()
    .describe('Names of the values the script writes to $RUNBOOK_OUTPUT, separated by commas.'),
  cwd: z
    .string()
    .optional()
    .describe('Working directory, relative to where the run was started. Default: there.'),
  effect: z
    .enum(['read', 'write'])
    .default('write')
    .describe('Say `read` when the script changes nothing. Default: write.'),
  timeout: commonParams.shape.timeout,
})

export const command = defineKind({
  name: 'command',
  summary: 'Runs a script.',
  params,
  body: {
    fences: [
      { role: 'main', languages: 'script', required: true },
      { role: 'done', languages: 'script' },
      { role: 'undo', languages: 'script' },
      { role: 'dry', languages: 'script' },
    ],
  },
  effect: ({ effect }) => effect,
  async run({ cwd, timeout }, context) {
    const script = fence(context.step, 'main')
    if (!script) throw new TypeError(`Step \`${context.step.id}\` has no script`)
    return processResult(await context.process({ script, cwd, timeoutMs: timeout }))
  },
  view(_, step, outcome) {
    const labels = { main: undefined, done: 'done when', undo: 'undo', dry: 'dry run' } as Record<
      string,
      string | undefined
    >
    const scripts = step.fences.map(({ role, code, lang }): View => {
      const label = labels[role]
      return { type: 'code', code, lang, ...(label === undefined ? {} : { label }) }
    })
    return outcome ? processView(outcome) : scripts
  },
})
