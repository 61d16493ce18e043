import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { endOf } from '../../lib/tool.ts'

/** The facts that a verifier prints of the signature of an installer for Windows. */
export interface Signature {
  publisher: string
  /** The time that the time-stamp authority gave it, as the verifier prints it. */
  timestamp: string
}

/** Whom a verifier believes. */
export interface Trust {
  /** A file of certificates: who may issue a certificate that signs. */
  ca: string
  /** The same for those of time-stamp authorities. */
  timestampCa: string
  /** The common name that the certificate must have; undefined takes any. */
  publisher: string | undefined
}

export interface Signing extends Trust {
  /** A .pfx file with the certificate and its key. */
  pfx: string
  password: string
  /** RFC 3161 servers, asked in this order. */
  authorities: readonly string[]
}

/** The authorities that are asked when none is given. */
export const AUTHORITIES = [
  'http://timestamp.digicert.com',
  'http://timestamp.sectigo.com',
  'http://timestamp.globalsign.com/tsa/r6advanced1',
]

/** Milliseconds for one signature and its time stamp. */
const LIMIT_MS = 90_000

/** The command that signs, without the password: that is read from a file, because every user may list processes. */
export function signArguments(
  { pfx, title }: { pfx: string; title: string },
  passwordFile: string,
  authority: string,
  from: string,
  to: string,
): string[] {
  const key = ['-pkcs12', pfx, '-readpass', passwordFile]
  return ['sign', ...key, '-h', 'sha256', '-n', title, '-ts', authority, '-in', from, '-out', to]
}

/**
 * Signs a file in its place. If a time-stamp authority fails, the next one is asked; if none answers, the file stays
 * unsigned, because a signature without a time stamp ends with its certificate.
 * @returns what the verifier says, and the authority
 * @throws {CliError} naming why each authority was of no use
 */
export async function sign(
  file: string,
  title: string,
  signing: Signing,
): Promise<Signature & { authority: string; refused: string[] }> {
  const work = await mkdtemp(join(dirname(file), '.sign-'))
  const passwordFile = join(work, 'password')
  const signed = join(work, basename(file))
  const refused: string[] = []
  try {
    await writeFile(passwordFile, signing.password, { mode: 0o600 })
    for (const authority of signing.authorities) {
      await rm(signed, { force: true })
      const args = signArguments({ ...signing, title }, passwordFile, authority, file, signed)
      const { code, stdout, stderr } = await endOf('osslsigncode', args, { limitMs: LIMIT_MS })
      if (code !== 0) {
        refused.push(`${authority}: ${reasonOf(`${stderr}\n${stdout}`)}`)
        continue
      }
      try {
        const signature = await verifySignature(signed, signing)
        await rename(signed, file)
        return { ...signature, authority, refused }
      } catch (error) {
        if (!(error instanceof TimestampError)) throw error
        refused.push(`${authority}: ${error.problem.message}`)
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  throw new CliError(
    exit.failed,
    `${basename(file)} was not signed, because no time-stamp authority was of use: ${refused.join('; ')}`,
    'A signature without a time stamp ends with its certificate, so none was made. Try again later, or name another authority with --timestamp.',
  )
}

/** A signature whose time stamp does not verify. */
class TimestampError extends CliError {}

/**
 * Asks a verifier about the signature of an .msi or .exe. The verifier ends with 0 for a broken time stamp too, so its
 * words count, not its exit code alone.
 * @throws {CliError} naming what does not hold
 */
export async function verifySignature(file: string, trust: Trust): Promise<Signature> {
  const args = ['verify', '-CAfile', trust.ca, '-TSA-CAfile', trust.timestampCa, '-in', file]
  const { code, stdout, stderr } = await endOf('osslsigncode', args, { limitMs: LIMIT_MS })
  const said = `${stdout}\n${stderr}`
  const name = basename(file)
  const refuse = (what: string): never => {
    throw new CliError(exit.failed, `${name} ${what}`, 'Do not publish it; build and sign it again.')
  }
  if (/^No signature found/m.test(said)) refuse('is not signed')
  const digest = (kind: string): string | undefined =>
    new RegExp(`^${kind} (?:message digest|DigitalSignature)\\s*:\\s*(\\S+)`, 'm').exec(said)?.[1]
  if (digest('Current') !== digest('Calculated')) refuse('was changed after it was signed')
  if (code !== 0 || !/^Signature verification: ok/m.test(said))
    refuse(`has a signature that does not verify: ${reasonOf(said)}`)
  if (!/^Timestamp Server Signature verification: ok/m.test(said))
    throw new TimestampError(
      exit.failed,
      `${name} has no time stamp that verifies`,
      'Check --timestamp-ca, which names whom it must come from.',
    )
  const publisher = /^Signer's certificate:[\s\S]*?Subject\s*: .*?\/CN=([^/\n]+)/m.exec(said)?.[1] ?? ''
  if (trust.publisher !== undefined && publisher !== trust.publisher)
    refuse(`is signed by \`${publisher}\`, not by \`${trust.publisher}\``)
  return { publisher, timestamp: /Timestamp time: (.+)/.exec(said)?.[1]?.trim() ?? '' }
}

/** The line of its output that says why, and not the last one, which says only that it failed. */
function reasonOf(said: string): string {
  const lines = said.split('\n').map((line) => line.trim())
  const telling = [/^HTTP failure|curl failure/i, /error:num|unable to|verify error|mac verify/i, /fail/i]
  return (
    telling.map((form) => lines.find((line) => form.test(line))).find((line) => line !== undefined) ??
    'osslsigncode said nothing'
  )
}
