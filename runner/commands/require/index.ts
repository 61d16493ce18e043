import { defineCommand, flag, many, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { presenceLevels } from '../../model/people/presence-level.ts'
import { assignment, choice, filePath, integer, string } from '../../kit/types.ts'
import { input, keeping, keys, runName, runbookName } from '../shared/options.ts'

const args = { runbook: required(runbookName) }

const options = {
  input,
  commit: optional(string('name'), 'The run must be from this commit, without changed files.'),
  output: many(assignment, 'The run must have this output, such as commit=4f2a….'),
  humans: optional(
    integer(1, 20),
    'This many people who did not run it must have approved or closed it, each with a key of their own.',
  ),
  presence: optional(
    choice(presenceLevels),
    'How each of them must have been there, by the security key that signed. Alone it asks for one of them.',
  ),
  unfinished: optional(
    runName,
    'Judge this run alone, as far as it has got: it may go on and needs no signature yet. For a step of the run itself.',
  ),
  noAgentDecided: flag('No agent may have made a decision in it, as far as agents name themselves.'),
  allowUnsigned: flag('Accept an unsigned run too.'),
  ...keys,
  ...keeping,
  allowedSigners: optional(filePath('file'), 'List of valid signers. Default: that of the workspace.'),
}

export type Request = Call<typeof args, typeof options>

export const requireRun = defineCommand({
  name: 'require',
  summary: 'Exit 0 only if a completed, approved, signed and verified run of exactly this release exists.',
  args,
  options,
  effect: 'read',
  examples: [
    'runbook require release-checklist -i version=1.4.0 --commit HEAD',
    'runbook require release-checklist -i version=1.4.0 --humans 2 --presence verified --allowed-signers signers',
  ],
  load: () => import('./require-command.ts'),
})
