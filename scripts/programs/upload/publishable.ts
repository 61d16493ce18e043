import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { type Trust, verifySignature } from '../installer/authenticode.ts'
import { readRecord } from '../installer/installer-record.ts'

/** Files that systems run only with a warning when they are not signed. */
const SIGNED = /\.(?:msi|exe|dmg|pkg)$/i

/**
 * Refuses an installer that no verifier has accepted: by its record, which must be about exactly this file, or, for
 * Windows, by its signature itself.
 * @throws {CliError}
 */
export async function requireSigned(file: string, trust: Trust): Promise<void> {
  const record = await readRecord(file)
  if (!SIGNED.test(file)) return
  const refuse = (what: string, hint: string): never => {
    throw new CliError(exit.failed, `${file} ${what}, and nothing was uploaded`, hint)
  }
  if (record === undefined) {
    if (!/\.(?:msi|exe)$/i.test(file))
      return refuse(
        `has no record that says that it is signed`,
        `Expected ${file}.json beside it, as the build writes it.`,
      )
    await verifySignature(file, trust)
    return
  }
  if (record.substitute) refuse('is a substitute that only looks like a disk image', 'Build it on macOS.')
  if (record.rehearsal)
    refuse('is a rehearsal: no system trusts its certificate', 'Build it with a certificate.')
  if (!record.signed) refuse('is not signed', 'Build it with a certificate, or give --allow-unsigned.')
  if (record.platform === 'macos' && !record.notarized)
    refuse('is not notarized', 'Build it without --skip-notarize, or give --allow-unsigned.')
}
