import type { Command, Option } from '../../kit/command.ts'

const baseUrl: Option = {
  type: 'string',
  multiple: true,
  value: 'url',
  summary: 'Address the pages are published under. Default: `site` of runbook.config.ts.',
}

/** Where `exec` takes a runbook and its values from, beside its name. */
export const alerting: Record<string, Option> = {
  alert: {
    type: 'string',
    value: 'file|-|fingerprint',
    summary:
      'Take runbook, step and values from an Alertmanager webhook, or from an alert `alerts serve` received.',
  },
  fingerprint: {
    type: 'string',
    value: 'hex',
    summary: 'With --alert: which of several alerts, by its beginning.',
  },
}

/** The commands about alerts. */
export const alertCommands: readonly Command[] = [
  {
    name: 'alerts check',
    summary: 'Check that every runbook link of every alert leads to its step with its values.',
    positionals: [{ name: 'file, folder or glob', required: true, rest: true }],
    options: {
      'base-url': baseUrl,
      site: {
        type: 'string',
        value: 'folder',
        summary: 'Check against a folder of pages that is not ours: Markdown or HTML. Needs --base-url.',
      },
      alertmanager: {
        type: 'string',
        multiple: true,
        value: 'file',
        summary: 'Check an Alertmanager configuration and the templates it names.',
      },
      templates: {
        type: 'string',
        multiple: true,
        value: 'glob',
        summary: 'Check more Alertmanager templates.',
      },
      severity: {
        type: 'string',
        multiple: true,
        value: 'name',
        summary: 'Severities that need a link, or `any`. Default: critical and page.',
      },
      label: {
        type: 'string',
        multiple: true,
        value: 'name=value',
        summary: 'Look only at alerts with this label.',
      },
      'fail-on': {
        type: 'string',
        value: 'error|warning|info|never',
        summary: 'Exit with 1 when there is a finding as grave as this. Default: error.',
      },
      fix: {
        type: 'boolean',
        summary: 'Mend what is mechanical: AL08 and AL09. All else stays byte for byte.',
      },
      format: {
        type: 'string',
        value: 'text|json|sarif|github',
        summary: 'How to print the findings. Default: text.',
      },
      'no-promtool': { type: 'boolean', summary: 'Do not ask promtool, even where it is installed.' },
    },
    examples: [
      'runbook alerts check rules/ --base-url https://runbooks.example.com',
      'runbook alerts check rules/ --site runbooks/content --base-url https://runbooks.example.com',
      'runbook alerts check "charts/*/templates/*.yaml" --format sarif',
    ],
    load: () => import('./check/check.ts'),
  },
  {
    name: 'alerts links',
    summary: 'Print the runbook_url to paste for each alert of each runbook.',
    positionals: [{ name: 'runbook', required: false }],
    options: { 'base-url': baseUrl },
    examples: ['runbook alerts links --base-url https://runbooks.example.com'],
    load: () => import('./links/links.ts'),
  },
  {
    name: 'alerts scaffold',
    summary: 'Write a page for each alert that has none: meaning, impact, diagnosis, mitigation.',
    positionals: [{ name: 'file, folder or glob', required: true, rest: true }],
    options: {
      'base-url': baseUrl,
      'dry-run': { type: 'boolean', short: 'n', summary: 'Say what would be written, and write nothing.' },
    },
    examples: ['runbook alerts scaffold rules/', 'runbook alerts scaffold rules.yml --dry-run'],
    load: () => import('./scaffold/scaffold.ts'),
  },
  {
    name: 'alerts serve',
    summary: 'Receive the webhooks of Alertmanager and propose the run for each alert.',
    positionals: [],
    options: {
      host: {
        type: 'string',
        value: 'address',
        summary: 'Where to listen. Default: 127.0.0.1, for this machine only.',
      },
      port: {
        type: 'string',
        value: 'number',
        summary: 'Where to listen; 0 takes a free one. Default: 47900.',
      },
      'secret-file': {
        type: 'string',
        value: 'file',
        summary: 'A secret the sender must give as `Authorization: Bearer …`. Or RUNBOOK_ALERTS_SECRET.',
      },
      'basic-auth-file': {
        type: 'string',
        value: 'file',
        summary:
          'A line `user:password` the sender must give as basic authentication. Or RUNBOOK_ALERTS_BASIC_AUTH.',
      },
      'max-body': { type: 'string', value: 'bytes', summary: 'Largest request. Default: 1048576.' },
      rate: { type: 'string', value: 'number', summary: 'Requests a minute. Default: 120.' },
      runs: {
        type: 'string',
        value: 'number',
        summary: 'Diagnoses at the same time. Default: 2; 0 runs none.',
      },
    },
    examples: ['runbook alerts serve', 'runbook alerts serve --host 0.0.0.0 --secret-file webhook.secret'],
    load: () => import('./serve/serve.ts'),
  },
]
