import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const lsp = defineCommand({
  name: 'lsp',
  summary:
    'Serve an editor by the Language Server Protocol, on standard input and output: findings, completion and hover.',
  args,
  options,
  effect: 'serve',
  examples: ['runbook lsp'],
  load: () => import('./lsp-command.ts'),
})
