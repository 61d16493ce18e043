import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice } from '../../kit/types.ts'

const args = { schema: required(choice(['frontmatter', 'elements'])) }

const options = {}

export type Request = Call<typeof args, typeof options>

export const schema = defineCommand({
  name: 'schema',
  summary: 'Print what editors need: a JSON schema of the frontmatter, or the types of the step elements.',
  args,
  options,
  effect: 'read',
  examples: [
    'runbook schema frontmatter > .vscode/runbook.schema.json',
    'runbook schema elements > mdx-components.d.ts',
  ],
  load: () => import('./schema.ts'),
})
