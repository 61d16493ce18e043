import { defineCommand, optional } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { integer, string } from '../../../kit/types.ts'

const args = {}

const options = {
  who: optional(string('address'), 'Only the acts of this person, and of their tokens.'),
  about: optional(string('run'), 'Only what was about this run or runbook.'),
  last: optional(integer(1, 1_000_000), 'Only the last acts, this many.'),
}

export type Request = Call<typeof args, typeof options>

export const hubAudit = defineCommand({
  name: 'hub audit',
  summary: 'Print who did what at the hub, how that is known, and when; and check that no line was changed.',
  args,
  options,
  effect: 'read',
  examples: ['runbook hub audit --last 20', 'runbook hub audit --who ada@example.com --json'],
  load: () => import('./hub-audit-command.ts'),
})
