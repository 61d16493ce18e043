import { alertCommands, alerting } from './alerts/commands.ts'
import type { Command, Option } from './command.ts'
import { serveCommand } from './serve/command.ts'

const runbook = { name: 'runbook', required: true }
const run = { name: 'run', required: true }

const input: Option = {
  type: 'string',
  short: 'i',
  multiple: true,
  value: 'name=value',
  summary: 'Give an input. Secrets come from a file, -i token=@token.txt, or standard input, @-.',
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

const reason: Option = { type: 'string', value: 'text', summary: 'Why; recorded in the journal.' }

const replaceDecision: Option = {
  type: 'boolean',
  summary: 'Replace a decision the run has not read yet; needs --reason, and both are recorded.',
}

/** How the steps of a run are driven, whichever way it is taken up. */
const driving: Record<string, Option> = {
  ...answering,
  wait: { type: 'boolean', summary: 'Wait while another run holds the concurrency key.' },
  detach: { type: 'boolean', summary: 'Leave the run when it comes to a wait; take it up with resume.' },
}

const choosing: Record<string, Option> = {
  from: {
    type: 'string',
    value: 'step',
    summary: 'Begin at this step. Approvals and gates before it still hold.',
  },
  only: {
    type: 'string',
    multiple: true,
    value: 'step',
    summary: 'Run this step only; may be given several times. Approvals and gates before it still hold.',
  },
  skip: {
    type: 'string',
    multiple: true,
    value: 'step',
    summary: 'Leave this step out, with --reason. Never an approval, a gate or a checklist.',
  },
  reason,
  'rollback-on-cancel': { type: 'boolean', summary: 'Undo what was done when the run is stopped.' },
}

const keys: Record<string, Option> = {
  'allowed-signers': {
    type: 'string',
    value: 'file',
    summary: "Whose signatures count. Default: the workspace's list, else the one beside the evidence.",
  },
  revoked: { type: 'string', value: 'file', summary: 'With --allowed-signers: keys that no longer count.' },
}

const outside: Record<string, Option> = {
  'anchor-repo': {
    type: 'string',
    value: 'folder',
    summary: 'A repository that keeps heads; it must hold this one.',
  },
  'tsa-ca': {
    type: 'string',
    value: 'file',
    summary: 'Certificate of the time stamping authority to check stamps by.',
  },
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
    summary: 'Run a runbook, step by step: by name, by the link of an alert, or by the alert itself.',
    positionals: [{ name: 'runbook or link', required: false }],
    options: {
      input,
      ...alerting,
      ...driving,
      ...choosing,
      practice: { type: 'boolean', summary: 'Mark the run as a drill. It still does everything it says.' },
      'dry-run': { type: 'boolean', short: 'n', summary: 'Show the plan and change nothing.' },
    },
    examples: [
      'runbook exec release-checklist -i version=1.4.0',
      'runbook exec release-checklist -i version=1.4.0 --dry-run',
      "runbook exec 'https://runbooks.example.com/runbooks/database/?service=api#locks'",
      'runbook exec --alert payload.json --fingerprint 3f2a',
    ],
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'resume',
    summary: 'Take up a run again where it stopped.',
    positionals: [run],
    options: {
      input,
      ...driving,
      ...choosing,
      'frozen-plan': {
        type: 'boolean',
        summary: 'Go on with the steps as they were, although the document has changed.',
      },
    },
    examples: ['runbook resume last', 'runbook resume 20261121-081502-release-checklist-k3f9'],
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'rollback',
    summary: 'Undo what a run has done, last step first.',
    positionals: [run],
    options: {
      input,
      ...driving,
      reason,
    },
    examples: ['runbook rollback last --reason "errors on green"'],
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'resolve',
    summary: 'Say how a step ended that nobody saw the end of.',
    positionals: [run, { name: 'step', required: true }],
    options: {
      as: {
        type: 'string',
        value: 'answer',
        summary: 'done: its effect is there. again: run it again. undo: take all back. stop: end the run.',
      },
      reason: { type: 'string', value: 'text', summary: 'How you know; required and recorded.' },
    },
    examples: ['runbook resolve last publish --as done --reason "version 1.4.0 is on the registry"'],
    load: () => import('./commands/resolve.ts'),
  },
  {
    name: 'abandon',
    summary: 'Give up a run that was not finished, so that its key is free. Undoes nothing.',
    positionals: [run],
    options: {
      input,
      reason: { type: 'string', value: 'text', summary: 'Why; required and recorded.' },
    },
    examples: ['runbook abandon last --reason "the machine was replaced"'],
    load: () => import('./commands/abandon.ts'),
  },
  {
    name: 'doctor',
    summary: 'Look at everything a runbook needs, and at what earlier runs left, without running anything.',
    positionals: [{ name: 'runbook', required: false }],
    options: { input },
    examples: ['runbook doctor', 'runbook doctor release-checklist'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'approve',
    summary: 'Say yes to a step that waits for approval.',
    positionals: [run, { name: 'step', required: true }],
    options: { reason, force: replaceDecision },
    examples: ['runbook approve last go'],
    load: () => import('./commands/approve.ts'),
  },
  {
    name: 'reject',
    summary: 'Say no to a step that waits for approval; the run stops.',
    positionals: [run, { name: 'step', required: true }],
    options: {
      reason: { type: 'string', value: 'text', summary: 'Why; required and recorded.' },
      force: replaceDecision,
    },
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
    name: 'postmortem',
    summary: 'Write the draft of a postmortem from the journals of an incident.',
    positionals: [run],
    options: {
      out: {
        type: 'string',
        value: 'file',
        summary: 'Where to. Default: content/postmortems/<incident>.mdx.',
      },
    },
    examples: ['runbook postmortem last'],
    load: () => import('./commands/postmortem.ts'),
  },
  {
    name: 'stats',
    summary: 'Figures from the journals: releases, time to restore, rollbacks, flags; practice apart.',
    positionals: [],
    options: { days: { type: 'string', value: 'number', summary: 'How many days back. Default: 90.' } },
    examples: ['runbook stats', 'runbook stats --days 30 --json'],
    load: () => import('./commands/stats.ts'),
  },
  {
    name: 'verify',
    summary: 'Check the evidence of a run: every check with its result; exit 1 when one fails.',
    positionals: [{ name: 'run | folder', required: true }],
    options: { ...keys, ...outside },
    examples: [
      'runbook verify last',
      'runbook verify ./bundle --allowed-signers ./allowed_signers',
      'runbook verify last --anchor-repo ../evidence',
    ],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'close',
    summary:
      'Put your name to a finished run, as the second person; its runner seals what a crash left unsealed.',
    positionals: [run],
    options: {},
    examples: ['runbook close last'],
    load: () => import('./commands/close.ts'),
  },
  {
    name: 'anchor',
    summary: 'Keep the head of a run, or of all runs, where its runner cannot change it.',
    positionals: [{ name: 'run', required: false }],
    options: {
      git: { type: 'string', value: 'folder', summary: 'Commit the head to this repository.' },
      note: {
        type: 'string',
        value: 'commit',
        summary: 'With --git: add it to the notes of a commit instead.',
      },
      tsa: {
        type: 'string',
        value: 'url',
        summary: 'Have it stamped by a time stamping authority (RFC 3161).',
      },
    },
    examples: ['runbook anchor last --git ../evidence', 'runbook anchor --tsa https://tsa.example/tsr'],
    load: () => import('./commands/anchor.ts'),
  },
  {
    name: 'new',
    summary: 'Write a new runbook from a template: release, incident, rollback, flag or blank.',
    positionals: [
      { name: 'template', required: true },
      { name: 'name', required: false },
    ],
    options: {
      title: { type: 'string', value: 'text', summary: 'Title of the page. Default: from the name.' },
    },
    examples: ['runbook new incident database-locks', 'runbook new release'],
    load: () => import('./commands/new.ts'),
  },
  {
    name: 'import',
    summary: 'Turn Markdown runbooks into MDX with steps; the originals stay as they are.',
    positionals: [{ name: 'file or folder', required: true }],
    options: {
      out: { type: 'string', value: 'folder', summary: 'Where to write. Default: the folder of runbooks.' },
    },
    examples: [
      'runbook import docs/KubePodCrashLooping.md',
      'runbook import old-runbooks --out content/runbooks',
    ],
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'export',
    summary: 'Hand a run on: a bundle anybody can check without this program, or a report.',
    positionals: [run],
    options: {
      format: {
        type: 'string',
        value: 'name',
        summary: 'bundle (default), json, markdown, html, junit, or intoto: a signed attestation.',
      },
      output: {
        type: 'string',
        short: 'o',
        value: 'path',
        summary: 'Where to. Default: a new folder for a bundle, else stdout.',
      },
      key: {
        type: 'string',
        value: 'file',
        summary: 'For intoto: sign with this ed25519 key in PEM form instead.',
      },
      ...keys,
    },
    examples: [
      'runbook export last',
      'runbook export last --format html -o run.html',
      'runbook export last --format intoto',
    ],
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'audit',
    summary: 'List all runs by number, check each, and prove that none is missing.',
    positionals: [],
    options: {
      from: {
        type: 'string',
        value: 'day',
        summary: 'Runs that began on this day or later, YYYY-MM-DD in UTC.',
      },
      to: { type: 'string', value: 'day', summary: 'Runs that began on this day or earlier.' },
      'anchor-repo': {
        type: 'string',
        value: 'folder',
        summary: 'A repository that keeps the index; this one must begin with it.',
      },
      ...keys,
    },
    examples: [
      'runbook audit --from 2026-10-01 --to 2026-12-31',
      'runbook audit --anchor-repo ../evidence --json',
    ],
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'require',
    summary: 'Exit 0 only if a completed, approved, signed and verified run of exactly this exists.',
    positionals: [runbook],
    options: {
      input,
      commit: {
        type: 'string',
        value: 'name',
        summary: 'The run must have been made at this commit, with no file changed.',
      },
      'allow-unsigned': { type: 'boolean', summary: 'Let an unsigned run count too.' },
      ...keys,
    },
    examples: ['runbook require release-checklist -i version=1.4.0 --commit HEAD'],
    load: () => import('./commands/require.ts'),
  },
  {
    name: 'gc',
    summary: 'Remove sealed runs past their retention; the index keeps that they were.',
    positionals: [],
    options: {
      'older-than': {
        type: 'string',
        value: 'duration',
        summary: 'Keep longer than the retention (90d unless configured).',
      },
      'dry-run': { type: 'boolean', short: 'n', summary: 'Say what would be removed.' },
      ...keys,
    },
    examples: ['runbook gc --dry-run', 'runbook gc --older-than 365d'],
    load: () => import('./commands/gc.ts'),
  },
  serveCommand,
  ...alertCommands,
  {
    name: 'schema',
    summary: 'Print what editors need: a JSON schema of the frontmatter, or the types of the step elements.',
    positionals: [{ name: 'frontmatter|elements', required: true }],
    options: {},
    examples: [
      'runbook schema frontmatter > .vscode/runbook.schema.json',
      'runbook schema elements > mdx-components.d.ts',
    ],
    load: () => import('./commands/schema.ts'),
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
