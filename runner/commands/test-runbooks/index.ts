import { defineCommand, flag, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, share, string } from '../../kit/types.ts'
import { runbookName, runName } from '../shared/options.ts'

const args = { target: optional(runbookName, '', { form: 'runbook or folder' }) }

const options = {
  scenario: optional(string('text'), 'Play only the scenarios whose name contains this text.'),
  coverage: flag('List what may happen in a run and no scenario reaches.'),
  mutate: flag('Make each runbook worse in every way, and list the changes that no scenario notices.'),
  least: optional(share, 'With --mutate: the share of changes that must be noticed. Default: none.'),
  ifAny: flag('Exit with 0 when there are no scenarios.'),
  init: flag('Print a first file of scenarios, with what each leads to. Read it before you keep it.'),
  record: optional(runName, 'Print a file with one scenario made of a real run, without its secrets.'),
  format: optional(choice(['text', 'json', 'junit', 'github']), 'Format of the results. Default: text.'),
}

export type Request = Call<typeof args, typeof options>

export const testRunbooks = defineCommand({
  name: 'test',
  summary: 'Play the scenarios of runbooks in memory: no process is started, and time is imaginary.',
  args,
  options,
  effect: 'read',
  interrupted: 'Nothing was changed.',
  examples: [
    'runbook test',
    'runbook test release-checklist --mutate --least 90%',
    'runbook test hello --init > content/runbooks/hello.scenarios.yaml',
    'runbook test --record last',
  ],
  load: () => import('./test-command.ts'),
})
