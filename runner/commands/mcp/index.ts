import { defineCommand, flag, many, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, string } from '../../kit/types.ts'
import { runbookName } from '../shared/options.ts'

/** The modes of `exec`, from the least to the most. */
export const execModes = ['dry-run', 'practice', 'real'] as const

const args = {}

const options = {
  allowExec: optional(
    choice(execModes),
    'Register `exec`, `resume` and `cancel`; the mode of all runs. Default: read only.',
  ),
  runbooks: many(runbookName, 'With --allow-exec: an agent may run this runbook. Default: each of them.'),
  allowWrite: flag('With --allow-exec: let writing steps run where the runbook says `agents: write`.'),
  pages: optional(
    string('url'),
    'Address of the site on which people answer, without a secret part. Default: `site` of runbook.config.ts.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const mcp = defineCommand({
  name: 'mcp',
  summary: 'Serve the runbooks to an agent by the Model Context Protocol, on standard input and output.',
  args,
  options,
  effect: 'serve',
  examples: ['runbook mcp', 'runbook mcp --allow-exec practice --runbooks release-checklist'],
  load: () => import('./mcp-command.ts'),
})
