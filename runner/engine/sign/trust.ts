import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { sizeWithin } from '../../journal/record/folder.ts'
import { evidenceFiles } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { plainVerifier } from './ed25519.ts'
import { signaturesOf } from './keepers.ts'
import { listedKeys } from './listed-keys.ts'
import { signatureChecker } from './ssh-keygen.ts'
import type { Trust } from './ssh-keygen.ts'
import { bytesOf } from '../../regular-file.ts'

/** The lists of keys at two paths, when the first is there. */
export function trustAt(signers: string, revoked: string): Trust | undefined {
  if (!existsSync(signers)) return undefined
  return { signers, ...(existsSync(revoked) ? { revoked } : {}) }
}

/**
 * The lists a run or bundle carries itself: what they say is for the reader to believe or to compare.
 * @internal
 */
export function trustIn(folder: string): Trust | undefined {
  const { signers, revoked } = evidenceFiles
  if (sizeWithin(folder, signers) === undefined) return undefined
  const withdrawn = sizeWithin(folder, revoked) === undefined ? {} : { revoked: join(folder, revoked) }
  return { signers: join(folder, signers), ...withdrawn }
}

/** Whose keys count when nobody names a list: the workspace's, else the one the evidence carries itself. */
export function usualTrust(
  own: Trust | undefined,
  folder: string,
): { trust: Trust | undefined; words: string } {
  if (own) return { trust: own, words: "this workspace's list" }
  const carried = trustIn(folder)
  const words = carried
    ? 'the list that lies beside the evidence: compare it with the one your repository held then'
    : 'none'
  return { trust: carried, words }
}

/** Judges signatures by a list of keys; undefined where there is none. */
export function checkerOf(
  trust: Trust | undefined,
  env: Record<string, string | undefined>,
): CheckSignature | undefined {
  if (!trust) return undefined
  const isPlainlyGood = plainVerifier(trust)
  const judge = signatureChecker(trust, env)
  const check: CheckSignature = (request) => (isPlainlyGood(request) ? undefined : judge(request))
  return Object.assign(check, { lists: listedKeys(trust.signers) })
}

/** Puts the lists of today beside a run; the digest that its first event binds, empty when there is no list. */
export function keepTrust(trust: Trust | undefined, folder: string): string {
  if (!trust) return ''
  const signers = bytesOf(trust.signers)
  writeFileSync(join(folder, evidenceFiles.signers), signers, { mode: 0o600 })
  if (trust.revoked !== undefined)
    writeFileSync(join(folder, evidenceFiles.revoked), bytesOf(trust.revoked), { mode: 0o600 })
  keepSignatures(trust.signers, join(folder, evidenceFiles.signers))
  if (trust.revoked !== undefined) keepSignatures(trust.revoked, join(folder, evidenceFiles.revoked))
  return sha256(signers)
}

/** Puts the keepers' signatures over a list beside its copy. */
function keepSignatures(list: string, copy: string): void {
  const from = signaturesOf(list)
  if (!existsSync(from)) return
  mkdirSync(signaturesOf(copy), { mode: 0o700 })
  for (const name of readdirSync(from).filter((one) => one.endsWith('.sig')))
    writeFileSync(join(signaturesOf(copy), name), readFileSync(join(from, name)), { mode: 0o600 })
}
