import type { Config } from '../../config.ts'
import { decisionRequest, judgeDecision } from '../../engine/people/passkey-decision.ts'
import type { Believing, MadeDecision } from '../../engine/people/approval.ts'
import { passkeysOf } from '../../engine/sign/security-keys.ts'
import type { Actor } from '../../model/plan.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { trustFor } from '../shared/keys.ts'
import { ownHost, signOnPage } from '../shared/signing-page.ts'
import { shown } from '../shared/workspace.ts'

/** Serves the page of a decision until it is made; undefined when the person leaves. Throws CliError without a passkey. */
export async function decideInBrowser(
  believing: Believing,
  { topic, by }: { topic: string; by: Actor },
  config: Config,
  io: Io,
): Promise<MadeDecision | undefined> {
  const trust = trustFor(config)
  const passkeys = trust ? passkeysOf(trust, by.id, ownHost, Date.now()) : []
  if (passkeys.length === 0)
    throw new CliError(
      exit.decided,
      `${shown(config.allowedSigners, io.cwd)} has no passkey of ${by.id} for ${ownHost}`,
      'Make one with `runbook keys add --browser`, and let a reviewed change list it.',
    )
  const asked = { ...believing, topic, by, passkeys }
  return signOnPage(decisionRequest(asked), async (signed) => judgeDecision(signed, asked), io)
}
