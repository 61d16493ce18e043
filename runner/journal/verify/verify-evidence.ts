import type { Check } from './check-result.ts'
import type { Event } from '../record/event.ts'
import { parseHead } from './evidence.ts'
import { readEvidence } from './read-evidence.ts'
import type { EvidenceFiles } from './read-evidence.ts'
import { approvalChecks } from './rules/approvals.ts'
import { chainChecks, tornChecks } from './rules/chain.ts'
import { closingChecks, headChecks } from './rules/head.ts'
import { presenceChecks } from './rules/presence.ts'
import { indexChecks, isOpen, newestOf } from './rules/run-index.ts'
import type { Index } from './rules/run-index.ts'
import { endChecks, orderChecks, outputChecks, startChecks } from './rules/run.ts'
import { signatureChecks, signersChecks } from './rules/signatures.ts'
import type { CheckSignature } from './rules/signatures.ts'
import { sha256 } from '../record/write-journal.ts'

export interface Verification {
  run: string
  /** Whether the run has ended and every check holds. */
  verified: boolean
  /** Whether the run has ended, by the word of the index. The part of an open run may still be valid. */
  ended: boolean
  /** Whether the head is signed by a key that was allowed. An unsigned run is never more than intact. */
  signed: boolean
  checks: Check[]
}

/**
 * Checks the evidence in a run's folder or a bundle. `check` judges signatures by the keys that are allowed; without
 * it nothing here proves who made the run, and the result says so. `shared` is the index of the state folder, for
 * whoever verifies many runs of it.
 * @internal
 */
export function verifyFolder(
  folder: string,
  check: CheckSignature | undefined,
  shared?: Index,
): Verification {
  return verifyEvidence(readEvidence(folder, shared), check)
}

export function verifyEvidence(files: EvidenceFiles, check: CheckSignature | undefined): Verification {
  const { chain } = files
  const checks = chainChecks(chain)
  const run = files.run ?? chain.entries[0]?.run ?? ''
  const broken = checks.some(({ status, name }) => status === 'failed' && name === 'chain')
  // The next checks read events as facts, and after a broken chain there are none.
  if (broken) return verification(run, false, checks)
  const events: readonly Event[] = chain.entries
  const head = parseHead(files.head)
  const open = isOpen(newestOf(files.index, run), head, events, chain.hashes)
  checks.push(...tornChecks(chain, open), ...factChecks(files, run, open, check))
  return verification(run, !open, checks)
}

function factChecks(
  files: EvidenceFiles,
  run: string,
  open: boolean,
  check: CheckSignature | undefined,
): Check[] {
  const { chain, plan } = files
  const { hashes } = chain
  const events: readonly Event[] = chain.entries
  const head = parseHead(files.head)
  return [
    ...startChecks(events, files, files.run),
    ...outputChecks(events, files, open),
    ...orderChecks(events, plan),
    ...approvalChecks({ events, hashes, plan, sha256 }),
    ...endChecks(events, plan, open),
    ...headChecks(files.head, events, hashes, open),
    ...indexChecks({ index: files.index, run, head, hashes, open }),
    ...closingChecks({ text: files.closing, events, head, plan, open }),
    ...signersChecks(events, files.signersSha256),
    ...signatureChecks({ ...files, events }, check, open),
    ...presenceChecks({ ...files, events }, hashes, check),
  ]
}

/** A verification with more checks, made where more is known. */
export function withChecks(checked: Verification, more: readonly Check[]): Verification {
  return verification(checked.run, checked.ended, [...checked.checks, ...more])
}

function verification(run: string, ended: boolean, checks: Check[]): Verification {
  const signature = checks.filter(({ name }) => name === 'signature')
  return {
    run,
    verified: ended && holds(checks),
    ended,
    signed: signature.length > 0 && signature.every(({ status }) => status === 'ok'),
    checks,
  }
}

/** Whether none of the checks fails. */
export function holds(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'failed')
}

/** The result of a verification, in one wording. */
export function verdictWords({ verified, ended, signed, checks }: Verification): string {
  if (!verified) return !ended && holds(checks) ? 'Not ended; what is there holds' : 'NOT VERIFIED'
  return signed ? 'Verified, signed' : 'Intact, UNSIGNED'
}
