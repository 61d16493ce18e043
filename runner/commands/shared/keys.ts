import type { Config } from '../../config.ts'
import { findSigner } from '../../engine/sign/key.ts'
import type { Signer } from '../../engine/sign/key.ts'
import type { Trust } from '../../engine/sign/ssh-keygen.ts'
import { trustAt } from '../../engine/sign/trust.ts'
import type { Io } from '../../kit/io.ts'

/** The key of whoever is at the keyboard, if one is named. */
export function signerFor({ signingKey }: Config, io: Io): Signer | undefined {
  return findSigner(signingKey, io.cwd, io.env)
}

/** The keys this workspace allows, when it says so. */
export function trustFor(config: Config): Trust | undefined {
  return trustAt(config.allowedSigners, config.revokedKeys)
}

export function keyHint(signer: Signer | undefined): string {
  return signer
    ? `The key was ${signer.key}. allowed_signers must list it for who you are (RUNBOOK_ACTOR or git user.email).`
    : 'Name your key with RUNBOOK_SIGNING_KEY, or in git: user.signingkey with gpg.format ssh.'
}
