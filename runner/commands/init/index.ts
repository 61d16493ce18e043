import { defineCommand, flag, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, httpUrl, string } from '../../kit/types.ts'

const args = {}

const options = {
  owner: optional(
    string('address'),
    'Your address, as decisions carry it. Default: RUNBOOK_ACTOR, else git’s.',
  ),
  site: optional(httpUrl, 'Where the pages will be published. Default: where `runbook site dev` shows them.'),
  ci: optional(choice(['github', 'none']), 'Whose CI checks the runbooks. Default: github.'),
  yes: flag('Take the defaults instead of asking.', 'y'),
}

export type Request = Call<typeof args, typeof options>

export const init = defineCommand({
  name: 'init',
  summary:
    'Begin a workspace: settings, people, severities, runbooks of releases, incidents, flags and rollbacks, an alert, CI.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook init',
    'runbook init --owner ada@example.com --site https://runbooks.example.com --yes',
  ],
  load: () => import('./init-command.ts'),
})
