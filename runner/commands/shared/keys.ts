import type { Config } from '../../config.ts'
import { findSigner, fingerprintOf } from '../../engine/sign/signing-key.ts'
import type { Signer } from '../../engine/sign/signing-key.ts'
import { SigningError } from '../../engine/sign/ssh-keygen.ts'
import type { Trust } from '../../engine/sign/ssh-keygen.ts'
import { trustAt } from '../../engine/sign/trust.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'

/** The key of whoever is at the keyboard, if one is named. */
export function signerFor({ signingKey }: Config, io: Io): Signer | undefined {
  return findSigner(signingKey, io.cwd, io.env)
}

export interface Signing {
  signer: Signer | undefined
  /** Fingerprint of its key, once it was tried. */
  signedWith?: string
}

/** The key a run signs with, tried before the first step: a key that was named and cannot sign is said at once. */
export function provenKey(config: Config, io: Io): Signing {
  try {
    const signer = signerFor(config, io)
    return signer ? { signer, signedWith: fingerprintOf(signer, io.cwd, io.env) } : { signer }
  } catch (error) {
    if (!(error instanceof SigningError)) throw error
    throw new CliError(exit.failed, `${error.message}; nothing ran`, unusableHint)
  }
}

const unusableHint =
  'Unlock it with `ssh-add`, name another key with RUNBOOK_SIGNING_KEY, or set RUNBOOK_SIGNING_KEY=none to run UNSIGNED.'

/** The keys this workspace allows, when it says so. */
export function trustFor(config: Config): Trust | undefined {
  return trustAt(config.allowedSigners, config.revokedKeys)
}

export function keyHint(signer: Signer | undefined): string {
  return signer
    ? `The key was ${signer.key}. allowed_signers must list it for who you are (RUNBOOK_ACTOR or git user.email).`
    : 'Name your key with RUNBOOK_SIGNING_KEY, or in git: user.signingkey with gpg.format ssh.'
}
