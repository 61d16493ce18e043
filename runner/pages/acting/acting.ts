import type { QuestionForm } from '../../model/people/question-form.ts'

/** The acts of the page of a run, by the last part of their addresses. */
export type RunAct = 'answer' | 'decide' | 'stop' | 'resume' | 'rollback' | 'watch' | 'takeover'

/** The acts that a person has on a run, where `runbook serve` shows it. A published page has none of it. */
export interface Acting {
  /** Address of the folder of the server. */
  folder: string
  /** Address of the page of the run, with a slash at its end. */
  page: string
  /** Who acts: by their own word, where there is a token to say so, and else because they signed in. */
  person: string
  /** Who answers the questions of the run. */
  watch: string
  /** Whether a process drives the run. */
  isDriven: boolean
  /** Whether it was asked to stop, and has not yet. */
  isStopping: boolean
  /** Whether this person has the watch. */
  hasWatch: boolean
  /** A new token for a form. */
  token(act: RunAct): string
  /** The token for saying who acts; undefined where people sign in. */
  personToken: string | undefined
  question: ActingQuestion | undefined
  approvals: ActingApproval[]
  /** The address of a nested run that asks something. */
  nested: string | undefined
  /** Names of the secrets that a resume needs again. */
  secrets: string[]
  /** Whether the document is another one than the run began with. */
  hasChanged: boolean
  can: { resume: boolean; rollback: boolean }
  /** The runner of the run, and those that are alive beside it; undefined where there is no team. */
  runners: RunRunners | undefined
  /** Requests to go on that the runner has not read yet. */
  asked: { act: 'resume' | 'rollback'; by: string; at: string }[]
  /** The reason, when an act was refused. */
  problem: string | undefined
}

interface RunRunners {
  owner: string
  isAlive: boolean
  /** When it was seen last, RFC 3339; undefined for one that the team does not know. */
  seenAt: string | undefined
  /** Whether the run is under way there, so that another one could take it over. */
  isOwned: boolean
  others: readonly string[]
}

export interface ActingQuestion {
  topic: string
  step: string
  /** Events in the journal when it was asked. */
  size: number
  shown: string
  shownSha256: string
  form: QuestionForm
  /** The values of the form, where the answer was refused. */
  given: Readonly<Record<string, string>>
  /** Why it cannot be answered here; undefined when it can. */
  hindrance: string | undefined
  /** People whose answers the run has not read yet. */
  posted: string[]
}

export interface ActingApproval {
  topic: string
  step: string
  title: string
  needs: string
  shown: string
  until: string | undefined
  /** Whether the person at this browser can decide without a passkey. */
  isDirect: boolean
  /** Why they cannot decide; undefined when they can. */
  hindrance: string | undefined
  /** People who can decide with their passkey, and the addresses of the pages where they do. */
  passkeys: { person: string; address: string }[]
  /** People whose decisions the run has not read yet. */
  posted: string[]
}
