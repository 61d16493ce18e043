import { defineCommand, flag, many, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'
import { driving, input, runbookName } from '../shared/options.ts'

const args = { runbook: optional(runbookName) }

const options = {
  input,
  fault: many(string('name'), 'Inject this fault of the frontmatter; `all` practises each in turn.'),
  due: flag('Practise every runbook whose promise has lapsed, for a schedule.'),
  ...driving,
}

export type Request = Call<typeof args, typeof options>

export const drill = defineCommand({
  name: 'drill',
  summary: 'Run a runbook for real as practice, where its frontmatter says that practice is safe.',
  args,
  options,
  effect: 'write',
  dryRun: 'Print the values and faults of the drill. No step and no script runs.',
  events: true,
  examples: [
    'runbook drill rollback --yes',
    'runbook drill rollback --fault all --yes',
    'runbook drill --due --yes --no-input',
  ],
  load: () => import('./drill-command.ts'),
})
