import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice } from '../../kit/types.ts'

const args = {
  shell: required(choice(['bash', 'zsh', 'fish', 'runbooks', 'runs']), '', { form: 'bash|zsh|fish' }),
}

const options = {}

export type Request = Call<typeof args, typeof options>

export const completion = defineCommand({
  name: 'completion',
  summary: 'Print the completion script of a shell.',
  args,
  options,
  effect: 'read',
  examples: [
    'source <(runbook completion bash)',
    'runbook completion zsh > "${fpath[1]}/_runbook"',
    'runbook completion fish > ~/.config/fish/completions/runbook.fish',
  ],
  load: () => import('./completion-command.ts'),
})
