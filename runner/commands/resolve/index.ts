import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, string } from '../../kit/types.ts'
import { ofTeam, runAndStep } from '../shared/options.ts'

const args = runAndStep

const options = {
  team: ofTeam,
  as: required(
    choice(['done', 'again', 'undo', 'stop']),
    'done: its effect holds. again: run it again. undo: roll the run back. stop: end the run.',
  ),
  reason: optional(string('text'), 'The evidence for it; required and recorded.'),
}

export type Request = Call<typeof args, typeof options>

export const resolve = defineCommand({
  name: 'resolve',
  summary: 'Record the outcome of a step whose result is unknown.',
  args,
  options,
  effect: 'write',
  examples: ['runbook resolve last publish --as done --reason "version 1.4.0 is on the registry"'],
  load: () => import('./resolve-command.ts'),
})
