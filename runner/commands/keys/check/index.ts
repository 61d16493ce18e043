import { defineCommand } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { keeping } from '../../shared/options.ts'

const args = {}

const options = { ...keeping }

export type Request = Call<typeof args, typeof options>

export const keysCheck = defineCommand({
  name: 'keys check',
  summary: 'Check the list of valid signers: keys with two names, approvers without a security key, keepers.',
  args,
  options,
  effect: 'read',
  examples: ['runbook keys check', 'runbook keys check --keepers ~/keepers --keepers-min 2'],
  load: () => import('./keys-check-command.ts'),
})
