import type { Command, Option } from './command.ts'

const runbook = { name: 'runbook', required: true }
const run = { name: 'run', required: true }

const input: Option = {
  type: 'string',
  short: 'i',
  multiple: true,
  value: 'name=value',
  summary: 'Give an input. Secrets come from a file: -i token=@token.txt',
}

const answering: Record<string, Option> = {
  yes: {
    type: 'boolean',
    short: 'y',
    summary: 'Run writing steps without asking. Answers nothing else: approvals, tasks and gates still hold.',
  },
  answers: {
    type: 'string',
    value: 'file',
    summary: 'Take answers to checklists, asks and confirms from a YAML file.',
  },
}

const baseUrl: Option = {
  type: 'string',
  multiple: true,
  value: 'url',
  summary: 'Address the pages are published under. Default: `site` of runbook.config.ts.',
}

/** Every command there is, in the order help shows them. */
export const commands: readonly Command[] = [
  {
    name: 'list',
    summary: 'List the runbooks.',
    positionals: [],
    options: {},
    examples: ['runbook list', 'runbook list --json'],
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'show',
    summary: 'Read a runbook in the terminal.',
    positionals: [runbook, { name: 'step', required: false }],
    options: {},
    examples: ['runbook show release-checklist', 'runbook show release-checklist tag'],
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'check',
    summary: 'Check runbooks like a compiler: every finding with its place and what to do.',
    positionals: [{ name: 'runbook or folder', required: false }],
    options: {
      format: {
        type: 'string',
        value: 'text|json|sarif|github',
        summary: 'How to print the findings. Default: text, with code frames on a terminal.',
      },
    },
    examples: ['runbook check', 'runbook check release-checklist', 'runbook check docs --format sarif'],
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'plan',
    summary: 'Show what a run would do, without doing anything.',
    positionals: [runbook],
    options: { input },
    examples: ['runbook plan release-checklist -i version=1.4.0'],
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'exec',
    summary: 'Run a runbook, step by step.',
    positionals: [runbook],
    options: {
      input,
      ...answering,
      'dry-run': { type: 'boolean', short: 'n', summary: 'Show the plan and change nothing.' },
    },
    examples: [
      'runbook exec release-checklist -i version=1.4.0',
      'runbook exec release-checklist -i version=1.4.0 --dry-run',
    ],
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'resume',
    summary: 'Take up a run again where it stopped.',
    positionals: [run],
    options: { input, ...answering },
    examples: ['runbook resume last', 'runbook resume 20261121-081502-release-checklist-k3f9'],
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'rollback',
    summary: 'Undo what a run has done, last step first.',
    positionals: [run],
    options: {
      input,
      ...answering,
      reason: { type: 'string', value: 'text', summary: 'Why; recorded in the journal.' },
    },
    examples: ['runbook rollback last --reason "errors on green"'],
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'approve',
    summary: 'Say yes to a step that waits for approval.',
    positionals: [run, { name: 'step', required: true }],
    options: { reason: { type: 'string', value: 'text', summary: 'Why; recorded in the journal.' } },
    examples: ['runbook approve last go'],
    load: () => import('./commands/approve.ts'),
  },
  {
    name: 'reject',
    summary: 'Say no to a step that waits for approval; the run stops.',
    positionals: [run, { name: 'step', required: true }],
    options: { reason: { type: 'string', value: 'text', summary: 'Why; required and recorded.' } },
    examples: ['runbook reject last go --reason "error rate too high"'],
    load: () => import('./commands/reject.ts'),
  },
  {
    name: 'runs',
    summary: 'List the runs, newest first.',
    positionals: [],
    options: {},
    examples: ['runbook runs', 'runbook runs --json'],
    load: () => import('./commands/runs.ts'),
  },
  {
    name: 'log',
    summary: 'Show what a run did: who, when, outcome, output.',
    positionals: [run, { name: 'step', required: false }],
    options: {},
    examples: ['runbook log last', 'runbook log last tag', 'runbook log last --json'],
    load: () => import('./commands/log.ts'),
  },
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
    load: () => import('./alerts/check.ts'),
  },
  {
    name: 'alerts links',
    summary: 'Print the runbook_url to paste for each alert of each runbook.',
    positionals: [{ name: 'runbook', required: false }],
    options: { 'base-url': baseUrl },
    examples: ['runbook alerts links --base-url https://runbooks.example.com'],
    load: () => import('./alerts/links.ts'),
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
    load: () => import('./alerts/scaffold.ts'),
  },
]

/** Flags every command has. */
export const globalOptions: Record<string, Option> = {
  help: { type: 'boolean', short: 'h', summary: 'Show help.' },
  json: { type: 'boolean', summary: 'Print JSON: one document, or one event per line for exec and resume.' },
  quiet: { type: 'boolean', short: 'q', summary: 'Print results and errors only.' },
  'no-input': { type: 'boolean', summary: 'Never ask; stop with exit code 5 where a person is needed.' },
  'no-color': { type: 'boolean', summary: 'No colours (NO_COLOR works too).' },
}
