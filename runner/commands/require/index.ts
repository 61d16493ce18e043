import { defineCommand, flag, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { presenceLevels } from '../../model/presence.ts'
import { choice, filePath, integer, string } from '../../kit/types.ts'
import { input, keys, runbookName } from '../shared/options.ts'

const args = { runbook: required(runbookName) }

const options = {
  input,
  commit: optional(string('name'), 'The run must have been made at this commit, with no file changed.'),
  humans: optional(
    integer(1, 20),
    'This many people who did not run it must have approved or closed it, each with a key of their own.',
  ),
  presence: optional(
    choice(presenceLevels),
    'How surely each of them was there, by the security key that signed. With --humans; default: 1 of them.',
  ),
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
  examples: [
    'runbook require release-checklist -i version=1.4.0 --commit HEAD',
    'runbook require release-checklist -i version=1.4.0 --humans 2 --presence verified --allowed-signers signers',
  ],
  load: () => import('./require.ts'),
})
