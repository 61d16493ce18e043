import { spawnSync } from 'node:child_process'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'

/** The namespace of signatures of releases, so that no other signature can replace one. */
const NAMESPACE = 'release@runbook'

/** Signs a text with an SSH key, and has the signature checked before it is believed. @throws {CliError} */
export function signSums(key: string, text: string): string {
  const signed = spawnSync('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', NAMESPACE], {
    input: text,
    encoding: 'utf8',
  })
  if (signed.status !== 0 || !signed.stdout.startsWith('-----BEGIN SSH SIGNATURE-----'))
    throw new CliError(
      exit.failed,
      `SHA256SUMS could not be signed: ${(signed.stderr || signed.error?.message || 'ssh-keygen said nothing').trim().split('\n').at(-1) ?? ''}`,
      'Check that RELEASE_SIGNING_KEY names a private key that needs no passphrase, or one the agent has.',
    )
  return signed.stdout
}

/** The words of the verifier when a signature over a text is sound, whoever made it. @throws {CliError} when it is not */
export function checkSignature(signatureFile: string, text: string): string {
  const args = ['-Y', 'check-novalidate', '-n', NAMESPACE, '-s', signatureFile]
  const checked = spawnSync('ssh-keygen', args, { input: text, encoding: 'utf8' })
  if (checked.status === 0) return checked.stdout.trim()
  throw new CliError(
    exit.failed,
    `The signature of SHA256SUMS does not verify: ${(checked.stderr || checked.stdout).trim()}`,
    'Do not publish it; make the release again.',
  )
}
