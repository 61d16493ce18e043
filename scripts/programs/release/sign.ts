import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'

/** The things that are signed, by the namespace of each: no signature can replace one of another. */
const NAMESPACES = {
  SHA256SUMS: 'release@runbook',
  'the image': 'image@runbook',
  'the feed': 'feed@runbook',
} as const
export type Signed = keyof typeof NAMESPACES

const REMEDIES: Record<Signed, string> = {
  SHA256SUMS: 'Do not publish it; make the release again.',
  'the image': 'Do not deploy it.',
  'the feed': 'Do not install from it.',
}

/** Signs a text with an SSH key. @throws {CliError} */
export function signText(what: Signed, key: string, text: string): string {
  const signed = spawnSync('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', NAMESPACES[what]], {
    input: text,
    encoding: 'utf8',
  })
  if (signed.status !== 0 || !signed.stdout.startsWith('-----BEGIN SSH SIGNATURE-----'))
    throw new CliError(
      exit.failed,
      `${what.replace(/^t/, 'T')} could not be signed: ${(signed.stderr || signed.error?.message || 'ssh-keygen said nothing').trim().split('\n').at(-1) ?? ''}`,
      'Check that RELEASE_SIGNING_KEY names a private key that needs no passphrase, or one the agent has.',
    )
  return signed.stdout
}

/** The words of the verifier when a signature over a text is sound, whoever made it. @throws {CliError} when it is not */
export function checkSignature(what: Signed, signatureFile: string, text: string): string {
  return verified(what, ['-Y', 'check-novalidate', '-s', signatureFile], text)
}

/**
 * The words of the verifier when somebody of a list of signers made the signature.
 * @param signers a file in the form of `allowed_signers`
 * @throws {CliError} when nobody of them did
 */
export function verifySigner(
  what: Signed,
  { signature, signers, signer }: { signature: string; signers: string; signer: string },
  text: string,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'signature-'))
  try {
    const file = join(folder, 'signature')
    writeFileSync(file, signature)
    return verified(what, ['-Y', 'verify', '-f', signers, '-I', signer, '-s', file], text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function verified(what: Signed, args: readonly string[], text: string): string {
  const checked = spawnSync('ssh-keygen', [...args, '-n', NAMESPACES[what]], {
    input: text,
    encoding: 'utf8',
  })
  if (checked.status === 0) return checked.stdout.trim()
  throw new CliError(
    exit.failed,
    `The signature of ${what} does not verify: ${(checked.stderr || checked.stdout).trim().split('\n').at(-1) ?? ''}`,
    REMEDIES[what],
  )
}
