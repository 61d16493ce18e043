import type { Command } from '../../kit/command.ts'
import { input, keys, outside, run, runbook } from './options.ts'

/** Commands about what was done, and what proves it. */
export const evidenceCommands: readonly Command[] = [
  {
    name: 'verify',
    summary: 'Check the evidence of a run: every check with its result; exit 1 when one fails.',
    positionals: [{ name: 'run or folder', required: true }],
    options: { ...keys, ...outside },
    examples: [
      'runbook verify last',
      'runbook verify ./bundle --allowed-signers ./allowed_signers',
      'runbook verify last --anchor-repo ../evidence',
    ],
    load: () => import('../verify/verify.ts'),
  },
  {
    name: 'close',
    summary:
      'Put your name to a finished run, as the second person; its runner seals what a crash left unsealed.',
    positionals: [run],
    options: {},
    examples: ['runbook close last'],
    load: () => import('../close/close.ts'),
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
    load: () => import('../anchor/anchor.ts'),
  },
  {
    name: 'export',
    summary: 'Hand a run on: a bundle anybody can check without this program, or a report.',
    positionals: [run],
    options: {
      format: {
        type: 'string',
        value: 'bundle|json|markdown|html|junit|intoto',
        summary: 'What to write. Default: bundle; intoto is a signed attestation.',
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
    load: () => import('../export/export.ts'),
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
    load: () => import('../audit/audit.ts'),
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
      'allowed-signers': {
        type: 'string',
        value: 'file',
        summary: "Whose signatures count. Default: the workspace's list.",
      },
    },
    examples: ['runbook require release-checklist -i version=1.4.0 --commit HEAD'],
    load: () => import('../require/require.ts'),
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
    load: () => import('../gc/gc.ts'),
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
    load: () => import('../postmortem/postmortem.ts'),
  },
]
