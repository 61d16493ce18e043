import { defineCommand, flag, many, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { assignment, filePath, string } from '../../kit/types.ts'
import { input, keys, runbookName } from '../shared/options.ts'

const args = { runbook: required(runbookName) }

const options = {
  input,
  output: many(assignment, 'The run must have this output, such as commit=4f2a….'),
  commit: optional(string('name'), 'The run must have been made at this commit, with no file changed.'),
  allowUnsigned: flag('Let an unsigned run count too.'),
  ...keys,
  allowedSigners: optional(filePath('file'), "Whose signatures count. Default: the workspace's list."),
}

export type Request = Call<typeof args, typeof options>

export const requireRun = defineCommand({
  name: 'require',
  summary: 'Exit 0 only if a completed, approved, signed and verified run of exactly this exists.',
  args,
  options,
  effect: 'read',
  examples: ['runbook require release-checklist -i version=1.4.0 --commit HEAD'],
  load: () => import('./require.ts'),
})
