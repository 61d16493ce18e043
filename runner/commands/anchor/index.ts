import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath, httpUrl, string } from '../../kit/types.ts'
import { runName } from '../shared/options.ts'

const args = { run: optional(runName) }

const options = {
  git: optional(filePath('folder'), 'Commit the head to this repository.'),
  note: optional(string('commit'), 'With --git: add it to the notes of a commit instead.'),
  tsa: optional(httpUrl, 'Get a time stamp from an authority (RFC 3161).'),
}

export type Request = Call<typeof args, typeof options>

export const anchor = defineCommand({
  name: 'anchor',
  summary: 'Store the head of a run, or of all runs, outside the control of its runner.',
  args,
  options,
  effect: 'write',
  examples: ['runbook anchor last --git ../evidence', 'runbook anchor --tsa https://tsa.example/tsr'],
  load: () => import('./anchor-command.ts'),
})
