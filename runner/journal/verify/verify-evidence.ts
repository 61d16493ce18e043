import type { Check } from './check-result.ts'
import type { Event } from '../record/event.ts'
import { parseHead } from './evidence.ts'
import { statWithin } from '../record/folder.ts'
import { evidenceFiles, files, stateOf } from '../record/run-store.ts'
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

/** How often a run is read again that changes meanwhile: on a busy machine the index never rests. */
const mostLooks = 10

/**
 * Reads and checks the evidence in a run's folder or a bundle. A run that is at work changes its files while they are read, and
 * other runs add to the index: what fails is read again, until nothing has changed meanwhile.
 */
export function readVerified(
  folder: string,
  check: CheckSignature | undefined,
  shared?: Index,
): { evidence: EvidenceFiles; verification: Verification } {
  const read = (index?: Index): ReturnType<typeof readVerified> => {
    const evidence = readEvidence(folder, index)
    return { evidence, verification: verifyEvidence(evidence, check) }
  }
  let last = read(shared)
  for (let look = 0; look < mostLooks && !holds(last.verification.checks); look++) {
    const stamp = evidenceStamp(folder)
    last = read()
    if (stamp === evidenceStamp(folder)) break
  }
  return last
}

/** Differs once one of the files changed that must agree with one another. */
function evidenceStamp(folder: string): string {
  const { head, headSignature, index } = evidenceFiles
  const stats = [files.journal, head, headSignature].map((name) => statWithin(folder, name))
  return [...stats, statWithin(stateOf(folder), index)].map((stat) => `${stat?.size} ${stat?.mtimeNs}`).join()
}

/** Judges evidence as it was read, without another look at its folder. @internal */
export function verifyEvidence(evidence: EvidenceFiles, check: CheckSignature | undefined): Verification {
  const { chain } = evidence
  const checks = chainChecks(chain)
  const run = evidence.run ?? chain.entries[0]?.run ?? ''
  const broken = checks.some(({ status, name }) => status === 'failed' && name === 'chain')
  // The next checks read events as facts, and after a broken chain there are none.
  if (broken) return verification(run, false, checks)
  const events: readonly Event[] = chain.entries
  const head = parseHead(evidence.head)
  const open = isOpen(newestOf(evidence.index, run), head, events, chain.hashes)
  checks.push(...tornChecks(chain, open), ...factChecks(evidence, run, open, check))
  return verification(run, !open, checks)
}

function factChecks(
  evidence: EvidenceFiles,
  run: string,
  open: boolean,
  check: CheckSignature | undefined,
): Check[] {
  const { chain, plan } = evidence
  const { hashes } = chain
  const events: readonly Event[] = chain.entries
  const head = parseHead(evidence.head)
  return [
    ...startChecks(events, evidence, evidence.run),
    ...outputChecks(events, evidence, open),
    ...orderChecks(events, plan),
    ...approvalChecks({ events, hashes, plan, sha256 }),
    ...endChecks(events, plan, open),
    ...headChecks(evidence.head, events, hashes, open),
    ...indexChecks({ index: evidence.index, run, head, hashes, open }),
    ...closingChecks({ text: evidence.closing, events, head, plan, open }),
    ...signersChecks(events, evidence.signersSha256),
    ...signatureChecks({ ...evidence, events }, check, open),
    ...presenceChecks({ ...evidence, events }, hashes, check),
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
