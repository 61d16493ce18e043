import { defineCommand, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'

const args = {}

const options = {
  out: withDefault(filePath('folder'), '.agents/skills', 'The folder of skills, such as .claude/skills.'),
}

export type Request = Call<typeof args, typeof options>

export const skills = defineCommand({
  name: 'skills',
  summary: 'Write each runbook as a skill for agents, which leads them to the tools of `runbook mcp`.',
  args,
  options,
  effect: 'write',
  examples: ['runbook skills', 'runbook skills --out .claude/skills'],
  load: () => import('./skills-command.ts'),
})
