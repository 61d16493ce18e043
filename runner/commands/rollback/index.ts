import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { driving, reason, runName, secret } from '../shared/options.ts'

const args = { run: required(runName) }

const options = { input: secret, ...driving, reason }

export type Request = Call<typeof args, typeof options>

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'Roll back a run: run the undos, last step first.',
  args,
  options,
  effect: 'write',
  dryRun: 'Print the undos, last step first. No `done` fence runs: a step without effect is listed too.',
  events: true,
  examples: ['runbook rollback last --reason "errors on green"'],
  load: () => import('./rollback-command.ts'),
})
