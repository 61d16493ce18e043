import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { disbelief, makeDecision } from '../../engine/people/approval.ts'
import { postDecision } from '../../engine/people/inbox.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { lineHash } from '../../journal/record/read-journal.ts'
import { files } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import type { ApprovalAnswer } from '../../kinds/kind.ts'
import type { Io } from '../../kit/io.ts'
import { personOf, samePerson } from '../../model/person.ts'
import type { Actor } from '../../model/plan.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { asText } from '../../model/values/json.ts'
import { keyHint, signerFor, trustFor } from './keys.ts'
import { securityKeyHint } from './refuse-without-keys.ts'

export interface Decided {
  decision: 'approved' | 'rejected'
  reason: string
  by: Actor
}

/** A decision of somebody, signed with the key of this account where it has one, and judged as the run will. */
export function signedDecision(
  config: Config,
  io: Pick<Io, 'env' | 'cwd'> & Io,
  { folder, plan, events }: StoredRun,
  topic: string,
  decided: Decided,
): Outcome<ApprovalAnswer> {
  const signer = signerFor(config, io)
  const head = lineHash(join(folder, files.journal), events.length)
  const answer = makeDecision({ events, head, topic, ...decided, signer })
  const doubt = disbelief(answer, topic, { plan, events, head, check: checkerOf(trustFor(config), io.env) })
  if (doubt === undefined) return success(answer)
  const hint = doubt.includes('presence `') ? securityKeyHint : keyHint(signer)
  return failure(`The run would not believe this decision: ${doubt}`, { hint })
}

/**
 * Leaves a decision for the run, beside those of others, for the first of the topics that nobody has decided. Undefined
 * when one by the same person lies there and is not to be replaced. `make` may throw.
 */
export function leaveDecision(
  { folder, plan }: StoredRun,
  topics: readonly string[],
  by: Actor,
  replace: boolean,
  make: (topic: string) => ApprovalAnswer,
): ReturnType<typeof postDecision> {
  return postDecision({
    folder,
    topics,
    replace,
    writer: personOf(by.id, plan.aliases),
    isOwn: (answer) =>
      samePerson(asText((answer['by'] as { id?: string } | undefined)?.id), by.id, plan.aliases),
    make,
  })
}
