import type { Option } from '../../kit/command.ts'

export const runbook = { name: 'runbook', required: true }
export const run = { name: 'run', required: true }

export const input: Option = {
  type: 'string',
  short: 'i',
  multiple: true,
  value: 'name=value',
  summary: 'Give an input. Secrets come from a file, -i token=@token.txt, or standard input, @-.',
}

/** Of a run that is taken up: the rest is kept as it was given. */
export const secret: Option = {
  ...input,
  summary: 'Give a secret again, from a file, -i token=@token.txt, or standard input, @-.',
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

export const reason: Option = { type: 'string', value: 'text', summary: 'Why; recorded in the journal.' }

export const replaceDecision: Option = {
  type: 'boolean',
  summary: 'Replace a decision the run has not read yet; needs --reason, and both are recorded.',
}

/** How the steps of a run are driven, whichever way it is taken up. */
export const driving: Record<string, Option> = {
  ...answering,
  wait: { type: 'boolean', summary: 'Wait while another run holds the concurrency key.' },
  detach: { type: 'boolean', summary: 'Leave the run when it comes to a wait; take it up with resume.' },
}

export const choosing: Record<string, Option> = {
  from: {
    type: 'string',
    value: 'step',
    summary: 'Begin at this step. Approvals and gates before it still hold.',
  },
  only: {
    type: 'string',
    multiple: true,
    value: 'step',
    summary: 'Run this step only. Approvals and gates before it still hold.',
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

export const keys: Record<string, Option> = {
  'allowed-signers': {
    type: 'string',
    value: 'file',
    summary: "Whose signatures count. Default: the workspace's list, else the one beside the evidence.",
  },
  revoked: { type: 'string', value: 'file', summary: 'With --allowed-signers: keys that no longer count.' },
}

export const outside: Record<string, Option> = {
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
