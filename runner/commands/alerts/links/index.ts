import { defineCommand, optional } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { baseUrl, runbookName } from '../../shared/options.ts'

const args = { runbook: optional(runbookName) }

const options = { baseUrl }

export type Request = Call<typeof args, typeof options>

export const alertsLinks = defineCommand({
  name: 'alerts links',
  summary: 'Print the runbook_url to paste for each alert of each runbook.',
  args,
  options,
  effect: 'read',
  examples: ['runbook alerts links --base-url https://runbooks.example.com'],
  load: () => import('./alerts-links-command.ts'),
})
