import type { Config } from '../../../config.ts'
import { passkeysOf } from '../../../engine/sign/security-keys.ts'
import type { Passkey } from '../../../engine/sign/security-keys.ts'
import type { Actor } from '../../../model/plan.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { EnrolRequest, SigningRequest } from '../../../model/people/signing-request.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { listenForSignals } from '../../../kit/signals.ts'
import { signOnce } from '../../../http/sign-once.ts'
import type { Signed } from '../../../http/signing-app.ts'
import { trustFor } from './keys.ts'
import { shown } from '../workspace.ts'

/** The host of the pages of one's own machine: a passkey belongs to one host. */
export const ownHost = 'localhost'

/** The passkeys of a person for the pages of one's own machine. Throws CliError when the list of keys has none. */
export function listedPasskeys(by: Actor, config: Config, io: Io): Passkey[] {
  const trust = trustFor(config)
  const passkeys = trust ? passkeysOf(trust, by.id, ownHost, Date.now()) : []
  if (passkeys.length > 0) return passkeys
  throw new CliError(
    exit.decided,
    `${shown(config.allowedSigners, io.cwd)} has no passkey of ${by.id} for ${ownHost}`,
    'Make one with `runbook keys add --browser`, and let a reviewed change list it.',
  )
}

/**
 * Serves the page of one signature to this machine and prints its address; undefined when the person leaves with Ctrl-C.
 * Throws CliError where no port is free.
 */
export async function signOnPage<T>(
  request: SigningRequest | EnrolRequest,
  judge: (signed: Signed) => Promise<Outcome<T>>,
  io: Io,
): Promise<T | undefined> {
  const signals = listenForSignals({ ...io, note: () => undefined })
  try {
    return await signOnce({
      ask: async () => request,
      judge,
      words: 'Signed. You can close this page.',
      onListening: (address) =>
        io.say(`Open ${address} in a browser of this machine. Ctrl-C leaves it unsigned.`),
      stop: signals.cancelled,
    })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== 'listen') throw error
    throw new CliError(exit.failed, `No port of this machine is free for the page: ${code}`, 'Try again.')
  } finally {
    signals.remove()
  }
}
