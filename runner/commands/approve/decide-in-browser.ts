import type { Config } from '../../config.ts'
import { decisionRequest, judgeDecision } from '../../engine/people/passkey-decision.ts'
import type { Believing, MadeDecision } from '../../engine/people/approval.ts'
import type { Actor } from '../../model/plan.ts'
import type { Io } from '../../kit/io.ts'
import { listedPasskeys, signOnPage } from '../shared/people/signing-page.ts'

/** Serves the page of a decision until it is made; undefined when the person leaves. Throws CliError without a passkey. */
export async function decideInBrowser(
  believing: Believing,
  { topic, by }: { topic: string; by: Actor },
  config: Config,
  io: Io,
): Promise<MadeDecision | undefined> {
  const asked = { ...believing, topic, by, passkeys: listedPasskeys(by, config, io) }
  return signOnPage(decisionRequest(asked), async (signed) => judgeDecision(signed, asked), io)
}
