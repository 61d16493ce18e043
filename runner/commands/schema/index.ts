import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice } from '../../kit/types.ts'

const args = { schema: required(choice(['frontmatter', 'people', 'scenarios', 'elements'])) }

const options = {}

export type Request = Call<typeof args, typeof options>

export const schema = defineCommand({
  name: 'schema',
  summary:
    'Print what editors need: a JSON schema of the frontmatter, of people.yaml or of scenarios, or the types of the step elements.',
  args,
  options,
  effect: 'read',
  examples: [
    'runbook schema frontmatter > .vscode/runbook.schema.json',
    'runbook schema people > .vscode/people.schema.json',
    'runbook schema scenarios > .vscode/scenarios.schema.json',
    'runbook schema elements > mdx-components.d.ts',
  ],
  load: () => import('./schema-command.ts'),
})
