import { sshKeygen, withSignature } from '../../../runner/engine/sign/ssh-keygen.ts'
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
  const args = ['-Y', 'sign', '-f', key, '-n', NAMESPACES[what]]
  const { status, stdout, words } = sshKeygen(args, text, process.env)
  if (status === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout
  throw new CliError(
    exit.failed,
    `${what.replace(/^t/, 'T')} could not be signed: ${words || 'ssh-keygen said nothing'}`,
    'Check that RELEASE_SIGNING_KEY names a private key that needs no passphrase, or one the agent has.',
  )
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
  return withSignature(signature, (file) =>
    verified(what, ['-Y', 'verify', '-f', signers, '-I', signer, '-s', file], text),
  )
}

function verified(what: Signed, args: readonly string[], text: string): string {
  const { status, stdout, words } = sshKeygen([...args, '-n', NAMESPACES[what]], text, process.env)
  if (status === 0) return stdout.trim()
  throw new CliError(exit.failed, `The signature of ${what} does not verify: ${words}`, REMEDIES[what])
}
