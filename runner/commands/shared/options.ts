import { flag, many, optional, required } from '../../kit/command.ts'
import { assignment, filePath, integer, string } from '../../kit/types.ts'
import type { ValueType } from '../../kit/types.ts'

/** A runbook by name or path. */
export const runbookName: ValueType<string> = { ...string('runbook'), words: 'runbooks' }

/** A run by its id, the beginning or end of one, or `last`. */
export const runName: ValueType<string> = { ...string('run'), words: 'runs' }

export const stepId = string('step')

/** The run and the step that most decisions are about. */
export const runAndStep = { run: required(runName), step: required(stepId) }

/** The order over targets that a decision is about. */
export const fleetArgs = { fleet: required(string('order')) }

/** The step that waits in a run of this workspace, or the file that asks about one of another machine. */
export const decisionArgs = {
  run: required({ ...runName, form: 'run|file' }),
  step: optional(stepId),
}

export const input = many(
  string('name=value'),
  'Give an input. Secrets come from a file, -i token=@token.txt, or standard input, @-.',
  { short: 'i' },
)

/** For a resume: the other inputs are kept as given. */
export const secret = many(
  string('name=value'),
  'Give a secret again, from a file, -i token=@token.txt, or standard input, @-.',
  { short: 'i' },
)

export const reason = optional(string('text'), 'The reason; recorded in the journal.')

/** Where the body explains what the reason is for, instead of the parser. */
export const neededReason = optional(string('text'), 'The reason; required and recorded.')

const replaceDecision = flag(
  'Replace a decision that the run has not read yet; needs --reason, and both are recorded.',
)

/** For commands about a run that may be on another machine. */
export const ofTeam = flag("Use the runs in the team's database, not those on this machine.")

/** How a decision is made and where it goes. */
export const deciding = {
  team: ofTeam,
  browser: flag('Decide on a page of this machine, by a passkey.'),
  output: optional(
    filePath('file'),
    'For a file of `runbook request`: the file of the decision. Default: its name with `.answer`.',
    { short: 'o' },
  ),
  force: replaceDecision,
}

/** For a workspace of a team, whose database may be away. */
export const offline = flag(
  "Run with the key of this machine alone, without the team's database; recorded. `runbook team ship` hands the run in later.",
)

/** How the steps of a run are driven, however it is started or resumed. */
export const driving = {
  yes: flag(
    'Run writing steps without asking. Answers nothing else: approvals, tasks and gates still hold.',
    'y',
  ),
  answers: optional(filePath('file'), 'Read answers to checklists, asks and confirms from a YAML file.'),
  dotenv: optional(
    filePath('file'),
    'Read variables that `requires` of the runbook declares from a file of NAME=value lines; those of the shell win.',
  ),
  wait: flag('Wait while another run holds the concurrency key.'),
  detach: flag('Exit when the run reaches a wait; continue with resume.'),
  remote: flag(
    'Wait for answers from the page of the run instead of a terminal; `runbook serve` starts its runs so.',
  ),
  offline,
}

/** For a run that an agent drives; `runbook mcp` starts its runs so. */
export const agent = {
  agent: optional(
    string('client'),
    'An agent drives: the journal names this client, and a person answers every question from the page of the run.',
  ),
  agentWrites: flag('With --agent: let writing steps run where the runbook says `agents: write`.'),
}

/** Which steps are run. */
export const choosing = {
  from: optional(stepId, 'Begin at this step. Approvals and gates before it still hold.'),
  only: many(stepId, 'Run this step only. Approvals and gates before it still hold.'),
  skip: many(stepId, 'Skip this step, with --reason. Refused for an approval, a gate or a checklist.'),
  reason,
  rollbackOnCancel: flag('Roll back when the run is stopped.'),
}

/** Whose keys count when evidence is verified. */
export const keys = {
  allowedSigners: optional(
    filePath('file'),
    'List of valid signers. Default: that of the workspace, else the one beside the evidence.',
  ),
  revoked: optional(filePath('file'), 'With --allowed-signers: list of revoked keys.'),
}

/** Who must have signed the list of keys. */
export const keeping = {
  keepers: optional(
    filePath('file'),
    'Keys of the keepers, kept outside the repository: they must have signed the list of valid signers.',
  ),
  keepersMin: optional(integer(1, 20), 'With --keepers: how many of them. Default: 2.'),
}

/** The anchors of a run, outside the control of its runner. */
export const outside = {
  anchorRepo: optional(filePath('folder'), 'A repository of anchored heads; it must contain this one.'),
  tsaCa: optional(filePath('file'), 'Certificate of the time stamping authority, to check stamps.'),
}

/** Address the pages of this workspace are published under. */
export const baseUrl = many(
  string('url'),
  'Address under which the pages are published. Default: `site` of runbook.config.ts.',
)

/** A label as `name=value`. */
export const label = many(assignment, 'Check only alerts with this label.')
