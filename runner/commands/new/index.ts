import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, string } from '../../kit/types.ts'

const args = {
  template: required(choice(['release', 'incident', 'rollback', 'flag', 'blank'])),
  name: optional(string('name')),
}

const options = { title: optional(string('text'), 'Title of the page. Default: from the name.') }

export type Request = Call<typeof args, typeof options>

export const newRunbook = defineCommand({
  name: 'new',
  summary: 'Write one runbook from a short template. A whole workspace is written by `runbook init`.',
  args,
  options,
  effect: 'write',
  examples: ['runbook new incident database-locks', 'runbook new release'],
  load: () => import('./new-command.ts'),
})
