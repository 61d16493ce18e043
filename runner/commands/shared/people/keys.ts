import type { Config } from '../../../config.ts'
import { asksForTouch, findSigner, fingerprintOf } from '../../../engine/sign/signing-key.ts'
import type { Signer } from '../../../engine/sign/signing-key.ts'
import { SigningError } from '../../../engine/sign/ssh-keygen.ts'
import type { Trust } from '../../../engine/sign/ssh-keygen.ts'
import { trustAt } from '../../../engine/sign/trust.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'

/** The key of whoever is at the keyboard, if one is named. */
export function signerFor({ signingKey }: Config, io: Io): Signer | undefined {
  return saying(findSigner(signingKey, io.cwd, io.env), io)
}

/**
 * The key that signs what a person decides or answers: RUNBOOK_PRESENCE_KEY, so that a security key is touched for these
 * alone and another key signs the heads of runs; without it the key of `signerFor`.
 */
export function decisionSignerFor(config: Config, io: Io): Signer | undefined {
  const named = io.env['RUNBOOK_PRESENCE_KEY']
  if (!named) return signerFor(config, io)
  return saying(findSigner(undefined, io.cwd, { ...io.env, RUNBOOK_SIGNING_KEY: named }), io)
}

/** A security key waits for a touch, so that is said first. */
function saying(signer: Signer | undefined, io: Io): Signer | undefined {
  if (!signer) return undefined
  return {
    ...signer,
    sign(namespace, text) {
      if (asksForTouch(signer)) io.say('Touch your security key.')
      return signer.sign(namespace, text)
    },
  }
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
    return signer ? { signer, signedWith: fingerprintOf(signer) } : { signer }
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
