import { defineCommand, flag, many, optional, withDefault } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { choice, filePath, string } from '../../../kit/types.ts'
import { baseUrl, label } from '../../shared/options.ts'

const args = { files: many(filePath('path'), '', { form: 'file, folder or glob' }) }

const options = {
  baseUrl,
  site: optional(
    filePath('folder'),
    'Check against a folder of other pages, Markdown or HTML. Needs --base-url.',
  ),
  alertmanager: many(filePath('file'), 'Check an Alertmanager configuration and the templates it names.'),
  templates: many(string('glob'), 'Check more Alertmanager templates.'),
  severity: many(string('name'), 'Severities that need a link, or `any`. Default: critical and page.'),
  label,
  failOn: withDefault(
    choice(['error', 'warning', 'info', 'never']),
    'error',
    'Exit with 1 when there is a finding as grave as this.',
  ),
  fix: flag('Fix AL08 and AL09, and change no other byte.'),
  format: optional(choice(['text', 'json', 'sarif', 'github']), 'Format of the findings. Default: text.'),
  noPromtool: flag('Do not run promtool, even if it is installed.'),
}

export type Request = Call<typeof args, typeof options>

export const alertsCheck = defineCommand({
  name: 'alerts check',
  summary: 'Check that every runbook link of every alert leads to its step with its values.',
  args,
  options,
  effect: 'write',
  noDryRun: 'Without --fix it changes nothing, and prints what --fix would.',
  interrupted: 'No file was left half written.',
  examples: [
    'runbook alerts check rules/ --base-url https://runbooks.example.com',
    'runbook alerts check rules/ --site runbooks/content --base-url https://runbooks.example.com',
    'runbook alerts check "charts/*/templates/*.yaml" --format sarif',
  ],
  load: () => import('./alerts-check-command.ts'),
})
