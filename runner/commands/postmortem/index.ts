import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'
import { runName } from '../shared/options.ts'

const args = { run: required(runName) }

const options = {
  out: optional(filePath('file'), 'Destination. Default: content/postmortems/<incident>.mdx.'),
}

export type Request = Call<typeof args, typeof options>

export const postmortem = defineCommand({
  name: 'postmortem',
  summary: 'Write the draft of a postmortem from the journals of an incident.',
  args,
  options,
  effect: 'write',
  examples: ['runbook postmortem last'],
  load: () => import('./postmortem-command.ts'),
})
