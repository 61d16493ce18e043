import type { Check } from './check.ts'
import type { Event } from './event.ts'
import { parseHead } from './evidence.ts'
import { readEvidence } from './read-evidence.ts'
import type { EvidenceFiles } from './read-evidence.ts'
import { approvalChecks } from './rules-approvals.ts'
import { chainChecks } from './rules-chain.ts'
import { closingChecks, headChecks, indexChecks } from './rules-head.ts'
import { endChecks, orderChecks, outputChecks, startChecks } from './rules-run.ts'
import { signatureChecks, signersChecks } from './rules-signatures.ts'
import type { CheckSignature } from './rules-signatures.ts'
import { sha256 } from './write.ts'

export interface Verification {
  run: string
  /** Whether every check holds. */
  verified: boolean
  /** Whether the head is signed by a key that was allowed. An unsigned run is never more than intact. */
  signed: boolean
  checks: Check[]
}

/**
 * Checks the evidence in a run's folder or a bundle. `check` judges signatures by the keys that are allowed; without
 * it nothing here proves who made the run, and the result says so.
 */
export function verifyFolder(folder: string, check: CheckSignature | undefined): Verification {
  return verifyEvidence(readEvidence(folder), check)
}

export function verifyEvidence(files: EvidenceFiles, check: CheckSignature | undefined): Verification {
  const { chain, head: headText } = files
  const checks = chainChecks(chain)
  const broken = checks.some(({ status, name }) => status === 'failed' && name === 'chain')
  // What follows reads events as facts, and behind a broken chain there are none.
  if (broken) return verification(chain.entries[0]?.run, checks)
  checks.push(...factChecks(files, check))
  const head = parseHead(headText)
  return verification(head?.run ?? chain.entries[0]?.run, checks)
}

function factChecks(files: EvidenceFiles, check: CheckSignature | undefined): Check[] {
  const { chain, plan } = files
  const events: readonly Event[] = chain.entries
  const head = parseHead(files.head)
  return [
    ...startChecks(events, files),
    ...outputChecks(events, files),
    ...orderChecks(events, plan),
    ...approvalChecks({ events, hashes: chain.hashes, plan, sha256 }),
    ...endChecks(events, plan),
    ...headChecks(files.head, events, chain.hashes),
    ...indexChecks(files.index, head, chain.hashes),
    ...closingChecks({ text: files.closing, events, head, plan }),
    ...signersChecks(events, files.signersSha256),
    ...signatureChecks({ ...files, events }, check),
  ]
}

function verification(run: string | undefined, checks: Check[]): Verification {
  const signature = checks.filter(({ name }) => name === 'signature')
  return {
    run: run ?? '',
    verified: checks.every(({ status }) => status !== 'failed'),
    signed: signature.length > 0 && signature.every(({ status }) => status === 'ok'),
    checks,
  }
}

/** What a verification comes to, wherever it is spoken of. */
export function verdictWords({ verified, signed }: Pick<Verification, 'verified' | 'signed'>): string {
  if (!verified) return 'NOT VERIFIED'
  return signed ? 'Verified, signed' : 'Intact, UNSIGNED'
}
