import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'

const args = { source: required(filePath('path'), '', { form: 'file or folder' }) }

const options = { out: optional(filePath('folder'), 'Destination. Default: the folder of runbooks.') }

export type Request = Call<typeof args, typeof options>

export const importRunbooks = defineCommand({
  name: 'import',
  summary: 'Convert runbooks of other formats to MDX with steps; the originals are unchanged.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook import docs/KubePodCrashLooping.md',
    'runbook import old-runbooks --out content/runbooks',
    'runbook import .github/workflows/deploy.yml',
  ],
  load: () => import('./import-command.ts'),
})
