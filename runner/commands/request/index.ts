import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'
import { runAndStep } from '../shared/options.ts'

const args = runAndStep

const options = {
  output: optional(filePath('file'), 'The file. Default: the name of the step with `.request`.', {
    short: 'o',
  }),
}

export type Request = Call<typeof args, typeof options>

export const request = defineCommand({
  name: 'request',
  summary: 'Write a step that waits for approval to a file, for a person who decides on their own machine.',
  args,
  options,
  effect: 'write',
  examples: ['runbook request last go -o go.request'],
  load: () => import('./request-command.ts'),
})
