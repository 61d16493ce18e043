import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'
import { ofTeam } from '../shared/options.ts'

const args = { file: required(filePath('file')) }

const options = { team: ofTeam }

export type Request = Call<typeof args, typeof options>

export const answer = defineCommand({
  name: 'answer',
  summary: 'Hand a decision that was made on another machine to the run that waits for it.',
  args,
  options,
  effect: 'write',
  examples: ['runbook answer go.answer'],
  load: () => import('./answer-command.ts'),
})
