import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'

const args = { run: required(string('run')) }

const options = {}

export type Request = Call<typeof args, typeof options>

export const withdraw = defineCommand({
  name: 'withdraw',
  summary: 'Withdraw an order that no runner has taken. No step of it runs.',
  args,
  options,
  effect: 'write',
  examples: ['runbook withdraw 20261121-081502-release-checklist-k3f9'],
  load: () => import('./withdraw-command.ts'),
})
