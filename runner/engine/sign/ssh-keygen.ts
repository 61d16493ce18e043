import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../scratch-folder.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { ProblemError } from '../../model/problem.ts'
import { lastLine } from '../../model/last-line.ts'

/** A key that could not sign, with the program's own words. */
export class SigningError extends ProblemError {
  override name = 'SigningError'
  constructor(message: string) {
    super({ message, hint: 'Name another key with RUNBOOK_SIGNING_KEY, or `none`.' }, 2)
  }
}

/** Which keys may sign for whom, as `ssh-keygen -Y` reads it. */
export interface Trust {
  /** Path of allowed_signers. */
  signers: string
  /** Path of a list of revoked keys, or a key revocation list. */
  revoked?: string
}

interface Ended {
  status: number | null
  stdout: string
  words: string
}

/** Times in allowed_signers are read as UTC, the same on every machine. */
export function sshKeygen(
  args: readonly string[],
  input: string,
  env: Record<string, string | undefined>,
  stderr: 'pipe' | 'inherit' = 'pipe',
): Ended {
  const ended = spawnSync('ssh-keygen', args, {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', stderr],
    env: { ...env, TZ: 'UTC', LC_ALL: 'C' },
  })
  const { status, stdout, error } = ended
  if (error) return { status: null, stdout: '', words: `ssh-keygen cannot be started: ${error.message}` }
  return { status, stdout, words: lastLine(ended.stderr ?? '', stdout) }
}

/**
 * Signs a text; the armored signature. `key` is the path of a private key, or of a public one the agent has the other half
 * of. For a key that asks for a touch or a PIN the words of `ssh-keygen` go to the person as they come.
 */
export function signText(
  key: string,
  namespace: string,
  text: string,
  env: Record<string, string | undefined>,
  asks = false,
): string {
  const args = ['-q', '-Y', 'sign', '-f', key, '-n', namespace]
  const { status, stdout, words } = sshKeygen(args, text, env, asks ? 'inherit' : 'pipe')
  if (status === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout
  const why = asks ? 'the words of ssh-keygen are above' : words
  throw new SigningError(`The key ${key} did not sign: ${why}`)
}

/** Whether a signature signs a text at all, whoever's key it is: this holds without a list of keys too. */
export function signsText(signature: string, namespace: string, text: string): boolean {
  return withSignature(signature, (file) => {
    const args = ['-Y', 'check-novalidate', '-n', namespace, '-s', file]
    return sshKeygen(args, text, process.env).status === 0
  })
}

/** Judges signatures by the keys that were allowed at the time each was made. */
export function signatureChecker(trust: Trust, env: Record<string, string | undefined>): CheckSignature {
  return ({ principal, namespace, message, signature, at }) => {
    return withSignature(signature, (file) => {
      const revoked = trust.revoked === undefined ? [] : ['-r', trust.revoked]
      const time = at.replaceAll(/\D/g, '').slice(0, 14)
      const args = ['-Y', 'verify', '-f', trust.signers, '-I', principal, '-n', namespace, '-s', file]
      const { status, words } = sshKeygen([...args, '-O', `verify-time=${time}`, ...revoked], message, env)
      return status === 0 ? undefined : words || `ssh-keygen ended with ${status}`
    })
  }
}

/** Hands a signature on as a file, which is how `ssh-keygen` takes it. */
export function withSignature<T>(signature: string, body: (file: string) => T): T {
  using scratch = scratchFolder('signature')
  const folder = scratch.path
  const file = join(folder, 'sig')
  writeFileSync(file, signature)
  return body(file)
}
