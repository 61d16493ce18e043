import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { duration } from '../../kit/types.ts'
import { keys } from '../shared/options.ts'

const args = {}

const options = {
  olderThan: optional(duration(), 'Keep runs longer than the retention (90d unless configured).'),
  ...keys,
}

export type Request = Call<typeof args, typeof options>

export const gc = defineCommand({
  name: 'gc',
  summary: 'Remove sealed runs past their retention; the index keeps a record of them.',
  args,
  options,
  effect: 'write',
  examples: ['runbook gc --dry-run', 'runbook gc --older-than 365d'],
  load: () => import('./gc-command.ts'),
})
