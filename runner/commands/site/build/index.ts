import { defineCommand, optional } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { filePath } from '../../../kit/types.ts'

const args = {}

const options = { out: optional(filePath('folder'), 'Destination. Default: dist/site.') }

export type Request = Call<typeof args, typeof options>

export const siteBuild = defineCommand({
  name: 'site build',
  summary: 'Build the pages of this workspace.',
  args,
  options,
  effect: 'write',
  noDryRun: 'It writes nothing but the folder it is told to.',
  interrupted: 'The pages of an earlier build are as they were.',
  examples: ['runbook site build', 'runbook site build --out public'],
  load: async () => ({ run: (await import('../site-command.ts')).build }),
})
