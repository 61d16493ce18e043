import { defineCommand, many } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { filePath } from '../../../kit/types.ts'
import { baseUrl } from '../../shared/options.ts'

const args = { files: many(filePath('path'), '', { form: 'file, folder or glob' }) }

const options = { baseUrl }

export type Request = Call<typeof args, typeof options>

export const alertsScaffold = defineCommand({
  name: 'alerts scaffold',
  summary: 'Write a page for each alert without one: meaning, impact, diagnosis, mitigation.',
  args,
  options,
  effect: 'write',
  examples: ['runbook alerts scaffold rules/', 'runbook alerts scaffold rules.yml --dry-run'],
  load: () => import('./alerts-scaffold-command.ts'),
})
