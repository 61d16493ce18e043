import { defineCommand, flag, many, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { assignment, filePath, string } from '../../kit/types.ts'
import { input, keys, runbookName } from '../shared/options.ts'

const args = { runbook: required(runbookName) }

const options = {
  input,
  commit: optional(string('name'), 'The run must be from this commit, without changed files.'),
  output: many(assignment, 'The run must have this output, such as commit=4f2a….'),
  allowUnsigned: flag('Accept an unsigned run too.'),
  ...keys,
  allowedSigners: optional(filePath('file'), 'List of valid signers. Default: that of the workspace.'),
}

export type Request = Call<typeof args, typeof options>

export const requireRun = defineCommand({
  name: 'require',
  summary: 'Exit 0 only if a completed, approved, signed and verified run of exactly this release exists.',
  args,
  options,
  effect: 'read',
  examples: ['runbook require release-checklist -i version=1.4.0 --commit HEAD'],
  load: () => import('./require-command.ts'),
})
