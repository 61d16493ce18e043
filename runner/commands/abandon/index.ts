import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { neededReason, offline, runName, secret } from '../shared/options.ts'

const args = { run: required(runName) }

const options = { input: secret, reason: neededReason, offline }

export type Request = Call<typeof args, typeof options>

export const abandon = defineCommand({
  name: 'abandon',
  summary: 'Abandon an unfinished run, to free its concurrency key. Undoes nothing.',
  args,
  options,
  effect: 'write',
  examples: ['runbook abandon last --reason "the machine was replaced"'],
  load: () => import('./abandon-command.ts'),
})
