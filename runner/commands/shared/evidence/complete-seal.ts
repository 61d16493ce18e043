import type { Config } from '../../../config.ts'
import { sealStored } from '../../../engine/sign/seal.ts'
import type { Resealed } from '../../../engine/sign/seal.ts'
import type { StoredRun } from '../../../journal/record/run-store.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import type { Actor } from '../../../model/plan.ts'
import { keyHint, signerFor } from '../people/keys.ts'

/** Completes the seal of a run that has ended. Throws CliError where the key does not sign, or only others can make it. */
export function complete(stored: StoredRun, config: Config, actor: Actor, io: Io): Resealed {
  const signer = signerFor(config, io)
  const sealed = sealStored(stored, { state: config.state, actor, signer })
  const { run, actor: first } = stored.state
  if (sealed.problem !== undefined) throw new CliError(exit.failed, sealed.problem, keyHint(signer))
  if (sealed.made === 'missing')
    throw new CliError(
      exit.decided,
      `The run ${run} ended and is not sealed, and ${actor.id} did not run it`,
      `Ask ${first.id} to call \`runbook close ${run}\` first.`,
    )
  return sealed
}
