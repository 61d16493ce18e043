import type { Command } from '../../kit/command.ts'
import { input, run, runbook } from './options.ts'

/** Commands that only look. */
export const readingCommands: readonly Command[] = [
  {
    name: 'list',
    summary: 'List the runbooks.',
    positionals: [],
    options: {},
    examples: ['runbook list', 'runbook list --json'],
    load: () => import('../list/list.ts'),
  },
  {
    name: 'show',
    summary: 'Read a runbook in the terminal.',
    positionals: [runbook, { name: 'step', required: false }],
    options: {},
    examples: ['runbook show release-checklist', 'runbook show release-checklist tag'],
    load: () => import('../show/show.ts'),
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
    load: () => import('../check/check.ts'),
  },
  {
    name: 'plan',
    summary: 'Show what a run would do, without doing anything.',
    positionals: [runbook],
    options: { input },
    examples: ['runbook plan release-checklist -i version=1.4.0'],
    load: () => import('../plan/plan.ts'),
  },
  {
    name: 'doctor',
    summary: 'Look at everything a runbook needs, and at what earlier runs left, without running anything.',
    positionals: [{ name: 'runbook', required: false }],
    options: { input },
    examples: ['runbook doctor', 'runbook doctor release-checklist'],
    load: () => import('../doctor/doctor.ts'),
  },
  {
    name: 'runs',
    summary: 'List the runs, newest first.',
    positionals: [],
    options: {},
    examples: ['runbook runs', 'runbook runs --json'],
    load: () => import('../runs/runs.ts'),
  },
  {
    name: 'log',
    summary: 'Show what a run did: who, when, outcome, output.',
    positionals: [run, { name: 'step', required: false }],
    options: {},
    examples: ['runbook log last', 'runbook log last tag', 'runbook log last --json'],
    load: () => import('../log/log.ts'),
  },
  {
    name: 'stats',
    summary: 'Figures from the journals: releases, time to restore, rollbacks, flags; practice apart.',
    positionals: [],
    options: { days: { type: 'string', value: 'number', summary: 'How many days back. Default: 90.' } },
    examples: ['runbook stats', 'runbook stats --days 30 --json'],
    load: () => import('../stats/stats.ts'),
  },
]
