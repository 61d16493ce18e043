import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath } from '../../kit/types.ts'

const args = { source: required(filePath('path'), '', { form: 'file or folder' }) }

const options = { out: optional(filePath('folder'), 'Where to. Default: the folder of runbooks.') }

export type Request = Call<typeof args, typeof options>

export const importRunbooks = defineCommand({
  name: 'import',
  summary: 'Turn Markdown runbooks into MDX with steps; the originals stay as they are.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook import docs/KubePodCrashLooping.md',
    'runbook import old-runbooks --out content/runbooks',
  ],
  load: () => import('./import.ts'),
})
