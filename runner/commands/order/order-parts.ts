import type { Config } from '../../config.ts'
import type { Signer } from '../../engine/sign/signing-key.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { provenKey } from '../shared/people/keys.ts'

/** A time as an order has it; empty for none. */
export function timeOf(text: string | undefined): string {
  if (text === undefined) return ''
  const at = Date.parse(text)
  if (Number.isNaN(at))
    throw new CliError(exit.usage, `\`${text}\` is not a time`, 'Write it as 2026-12-01T08:00:00Z.')
  return new Date(at).toISOString()
}

/** The key of the person who orders: without it no runner takes an order. */
export function neededSigner(config: Config, io: Io): Signer {
  const { signer } = provenKey(config, io)
  if (signer) return signer
  throw new CliError(
    exit.usage,
    'The order is not signed, so no runner would take it; nothing was ordered',
    'Name your key with RUNBOOK_SIGNING_KEY, or in git: user.signingkey with gpg.format ssh.',
  )
}
