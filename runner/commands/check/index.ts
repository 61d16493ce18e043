import { defineCommand, flag, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice } from '../../kit/types.ts'
import { input, runbookName } from '../shared/options.ts'

const args = { target: optional(runbookName, '', { form: 'runbook or folder' }) }

const options = {
  live: flag('Ask the steps that only read, without a run, and say which would fail today.'),
  input,
  format: optional(
    choice(['text', 'json', 'sarif', 'github']),
    'Format of the findings. Default: text, with code frames on a terminal.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const check = defineCommand({
  name: 'check',
  summary: 'Check runbooks like a compiler: every finding with its place and a hint.',
  args,
  options,
  effect: 'read',
  interrupted: 'Nothing was changed.',
  examples: [
    'runbook check',
    'runbook check release-checklist',
    'runbook check docs --format sarif',
    'runbook check rollback --live',
  ],
  load: () => import('./check-command.ts'),
})
