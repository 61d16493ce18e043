import type { Config } from '../../../config.ts'
import { approvalsOf, possible } from '../../../engine/people/approval.ts'
import { namespaces } from '../../../journal/verify/evidence.ts'
import type { Trust } from '../../../engine/sign/ssh-keygen.ts'
import { holdersInclude, securityKeyHolders } from '../../../engine/sign/security-keys.ts'
import type { Plan } from '../../../model/plan.ts'
import { strongest } from '../../../model/people/presence-level.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { trustFor } from './keys.ts'
import { shown } from '../workspace.ts'

export interface Standing {
  plan: Plan
  /** Who ran it until now, and whoever is about to. */
  runners: readonly string[]
  /** Ids of the steps that need no decision any more. */
  done: ReadonlySet<string>
  /** Who approved a step already, by its id. */
  given: ReadonlyMap<string, readonly string[]>
}

/** How a key is made that can be asked for a touch. */
export const securityKeyHint =
  'Make a passkey with `runbook keys add --browser`, or a security key with `ssh-keygen -t ed25519-sk -O verify-required -O application=ssh:runbook` that RUNBOOK_PRESENCE_KEY names; let allowed_signers list it.'

/** Refuses to run what asks for presence that too few people can show: before the first effect, not at the decision. */
export function refuseWithoutKeys({ plan, runners, done, given }: Standing, config: Config, io: Io): void {
  const asked = approvalsOf(plan).filter(({ presence, step }) => presence !== 'none' && !done.has(step))
  const closing = plan.close === undefined ? 'none' : strongest(plan.presence)
  const [first] = asked
  const ownAct = ownActOf(plan, done)
  if (!first && closing === 'none' && ownAct === undefined) return
  const what = first
    ? `Step \`${first.step}\` asks for presence \`${first.presence}\``
    : closing === 'none'
      ? `Step \`${ownAct}\` asks whoever runs it for presence \`${strongest(plan.presence)}\``
      : `The closing asks for presence \`${closing}\``
  if (plan.selfApproval)
    throw new CliError(
      exit.usage,
      `${what}, and selfApproval lets whoever runs it approve; nothing was run`,
      'Keep one of the two.',
    )
  const trust = trustFor(config)
  if (!trust)
    throw new CliError(
      exit.decided,
      `${what}, and ${shown(config.allowedSigners, io.cwd)} does not exist; nothing was run`,
      securityKeyHint,
    )
  refuseWithoutOwnKey({ plan, runners, done, given }, trust, config, io)
  const holders = securityKeyHolders(trust, Date.now())
  const canTouch = (id: string): boolean => holders.some((patterns) => holdersInclude(patterns, id))
  for (const { step, min, words, presence, isLate } of asked) {
    const before = given.get(step) ?? []
    const left = possible(plan, words, [...runners, ...before]).filter(canTouch)
    if (isLate || left.length + before.length >= min) continue
    const who = left.length === 0 ? 'no other approver has' : `only ${left.join(', ')} has`
    throw new CliError(
      exit.decided,
      `Step \`${step}\` asks ${min} of ${words.join(', ')} for presence \`${presence}\`, and ${who} a security key in ${shown(config.allowedSigners, io.cwd)}; nothing was run`,
      securityKeyHint,
    )
  }
  const runner = runners.at(-1) ?? ''
  if (closing !== 'none' && !holders.some((patterns) => !holdersInclude(patterns, runner)))
    throw new CliError(
      exit.decided,
      `The closing asks for presence \`${closing}\`, and nobody but ${runner} has a security key in ${shown(config.allowedSigners, io.cwd)}; nothing was run`,
      securityKeyHint,
    )
}

/** The first step that asks its operator to sign: one that writes, is confirmed, or is answered by them. */
function ownActOf({ steps, presence }: Plan, done: ReadonlySet<string>): string | undefined {
  if (strongest(presence) === 'none') return undefined
  return steps.find(
    ({ id, kind, effect, attributes, tasks }) =>
      !done.has(id) &&
      (effect === 'write' || attributes['confirm'] !== undefined || tasks.length > 0 || kind === 'ask'),
  )?.id
}

/** The operator signs their own go, confirmations and answers with a key that the list has for them. */
function refuseWithoutOwnKey({ plan, runners, done }: Standing, trust: Trust, config: Config, io: Io): void {
  const step = ownActOf(plan, done)
  const runner = runners.at(-1) ?? ''
  if (step === undefined) return
  const holders = securityKeyHolders(trust, Date.now(), namespaces.presence)
  if (holders.some((patterns) => holdersInclude(patterns, runner))) return
  throw new CliError(
    exit.decided,
    `Step \`${step}\` asks whoever runs it for presence \`${strongest(plan.presence)}\`, and ${shown(config.allowedSigners, io.cwd)} has no security key of ${runner} for ${namespaces.presence}; nothing was run`,
    'Add the line that `runbook keys add` prints, in a reviewed change.',
  )
}
