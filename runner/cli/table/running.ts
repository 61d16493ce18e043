import { alerting } from '../alerts/commands.ts'
import type { Command } from '../command.ts'
import { choosing, driving, input, reason, replaceDecision, run, secret } from './options.ts'

/** Commands that run steps, and that let them be run. */
export const runningCommands: readonly Command[] = [
  {
    name: 'exec',
    summary: 'Run a runbook, step by step: by name, by the link of an alert, or by the alert itself.',
    positionals: [{ name: 'runbook or link', required: false }],
    options: {
      input,
      ...alerting,
      ...driving,
      ...choosing,
      practice: { type: 'boolean', summary: 'Mark the run as practice. It still does everything it says.' },
      'dry-run': { type: 'boolean', short: 'n', summary: 'Show the plan and change nothing.' },
    },
    examples: [
      'runbook exec release-checklist -i version=1.4.0',
      'runbook exec release-checklist -i version=1.4.0 --dry-run',
      "runbook exec 'https://runbooks.example.com/runbooks/database/?service=api#locks'",
      'runbook exec --alert payload.json --fingerprint 3f2a',
    ],
    load: () => import('../commands/exec.ts'),
  },
  {
    name: 'resume',
    summary: 'Take up a run again where it stopped.',
    positionals: [run],
    options: {
      input: secret,
      ...driving,
      ...choosing,
      'frozen-plan': {
        type: 'boolean',
        summary: 'Go on with the steps as they were, although the document has changed.',
      },
    },
    examples: ['runbook resume last', 'runbook resume 20261121-081502-release-checklist-k3f9'],
    load: () => import('../commands/resume.ts'),
  },
  {
    name: 'rollback',
    summary: 'Undo what a run has done, last step first.',
    positionals: [run],
    options: {
      input: secret,
      ...driving,
      reason,
    },
    examples: ['runbook rollback last --reason "errors on green"'],
    load: () => import('../commands/rollback.ts'),
  },
  {
    name: 'resolve',
    summary: 'Say how a step ended that nobody saw the end of.',
    positionals: [run, { name: 'step', required: true }],
    options: {
      as: {
        type: 'string',
        value: 'done|again|undo|stop',
        summary: 'done: its effect is there. again: run it again. undo: take all back. stop: end the run.',
      },
      reason: { type: 'string', value: 'text', summary: 'How you know; required and recorded.' },
    },
    examples: ['runbook resolve last publish --as done --reason "version 1.4.0 is on the registry"'],
    load: () => import('../commands/resolve.ts'),
  },
  {
    name: 'abandon',
    summary: 'Give up a run that was not finished, so that its key is free. Undoes nothing.',
    positionals: [run],
    options: {
      input: secret,
      reason: { type: 'string', value: 'text', summary: 'Why; required and recorded.' },
    },
    examples: ['runbook abandon last --reason "the machine was replaced"'],
    load: () => import('../commands/abandon.ts'),
  },
  {
    name: 'approve',
    summary: 'Say yes to a step that waits for approval.',
    positionals: [run, { name: 'step', required: true }],
    options: {
      reason,
      yes: {
        type: 'boolean',
        short: 'y',
        summary: 'Approve what is shown without being asked; needed where there is no terminal.',
      },
      force: replaceDecision,
    },
    examples: ['runbook approve last go'],
    load: () => import('../commands/approve.ts'),
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
    load: () => import('../commands/reject.ts'),
  },
]
