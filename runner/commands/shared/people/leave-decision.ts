import { disbelief, makeDecision } from '../../../engine/people/approval.ts'
import type { Believing, MadeDecision } from '../../../engine/people/approval.ts'
import { postDecision } from '../../../engine/people/inbox.ts'
import type { Signer } from '../../../engine/sign/signing-key.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { parseKey } from '../../../journal/record/event.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { personOf, samePerson } from '../../../model/people/person.ts'
import type { Actor } from '../../../model/plan.ts'
import { asText } from '../../../model/values/json.ts'
import { keyHint } from './keys.ts'
import { securityKeyHint } from './refuse-without-keys.ts'

interface Decided {
  decision: 'approved' | 'rejected'
  reason: string
  topic: string
  by: Actor
  signer: Signer | undefined
}

/** A decision signed by the person's key, when the run would believe it. Throws CliError when it would not. */
export function signedAnswer(made: Decided, believing: Believing): MadeDecision {
  const answer = makeDecision({ ...made, ...believing })
  const doubt = disbelief(answer, made.topic, believing)
  if (doubt === undefined) return answer
  throw new CliError(
    exit.decided,
    `The run would not believe this decision: ${doubt}`,
    doubt.includes('presence `')
      ? securityKeyHint
      : `${keyHint(made.signer)}${made.signer ? '' : ' A passkey signs with --browser.'}`,
  )
}

/** Leaves a decision in the inbox of a run. Throws CliError where one by the same person lies there. */
export function leaveDecision(
  { folder, plan, state }: Pick<StoredRun, 'folder' | 'plan' | 'state'>,
  { by, force, topics }: { by: Actor; force: boolean; topics: readonly string[] },
  make: (topic: string) => MadeDecision,
): void {
  const posted = postDecision({
    folder,
    topics,
    replace: force,
    writer: personOf(by.id, plan.aliases),
    isOwn: (answer) =>
      samePerson(asText((answer['by'] as { id?: string } | undefined)?.id), by.id, plan.aliases),
    make,
  })
  if (posted) return
  throw new CliError(
    exit.usage,
    `Your decision on \`${parseKey(topics[0] ?? '').step}\` is there already, and the run has not read it yet`,
    `Go on with \`runbook resume ${state.run}\`, or replace it with --force --reason "…".`,
  )
}
