import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { day, filePath } from '../../kit/types.ts'
import { keys } from '../shared/options.ts'

const args = {}

const options = {
  from: optional(day, 'Runs that began on this day or later, YYYY-MM-DD in UTC.'),
  to: optional(day, 'Runs that began on this day or earlier.'),
  anchorRepo: optional(
    filePath('folder'),
    'A repository with an anchored index; the index must begin with it.',
  ),
  ...keys,
}

export type Request = Call<typeof args, typeof options>

export const audit = defineCommand({
  name: 'audit',
  summary: 'List all runs by number, check each, and prove that none is missing.',
  args,
  options,
  effect: 'read',
  interrupted: 'Nothing was changed.',
  examples: [
    'runbook audit --from 2026-10-01 --to 2026-12-31',
    'runbook audit --anchor-repo ../evidence --json',
  ],
  load: () => import('./audit-command.ts'),
})
