import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, filePath, string } from '../../kit/types.ts'

const args = {
  template: optional(choice(['release', 'incident', 'rollback', 'flag', 'blank'])),
  name: optional(string('name')),
}

const options = {
  title: optional(string('text'), 'Title of the page. Default: from the name.'),
  fromSkill: optional(filePath('file'), 'Make it from a skill for agents, under the name of the skill.'),
}

export type Request = Call<typeof args, typeof options>

export const newRunbook = defineCommand({
  name: 'new',
  summary:
    'Write one runbook from a short template or a skill. A whole workspace is written by `runbook init`.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook new incident database-locks',
    'runbook new release',
    'runbook new --from-skill .claude/skills/rotate-keys/SKILL.md',
  ],
  load: () => import('./new-command.ts'),
})
