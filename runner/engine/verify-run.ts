import type { Kinds } from '../kinds/index.ts'
import { failed } from '../journal/verify/check-result.ts'
import type { Check } from '../journal/verify/check-result.ts'
import type { Event } from '../journal/record/event.ts'
import { fold } from '../journal/fold.ts'
import type { RunState } from '../journal/fold.ts'
import type { EvidenceFiles } from '../journal/verify/read-evidence.ts'
import type { Index } from '../journal/verify/rules/run-index.ts'
import { madeSignatures } from '../journal/verify/rules/signatures.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import { readVerified, withChecks } from '../journal/verify/verify-evidence.ts'
import type { Verification } from '../journal/verify/verify-evidence.ts'
import type { Library } from './plan/derived-plan.ts'
import { signsPlainly } from './sign/ed25519.ts'
import { signsText } from './sign/ssh-keygen.ts'

/** A verification in full, and what the journal says of the run. */
export interface Verified extends Verification {
  /** Undefined where the journal cannot be folded. */
  state: RunState | undefined
  lastEvent: Event | undefined
}

/** Verifies the run in a folder; `shared` is the index of its state folder, when it was read already. */
export type Verify = (folder: string, check: CheckSignature | undefined, shared?: Index) => Promise<Verified>

/**
 * All that can be checked of a run: the rules of its journal, and that its plan is the one its document leads to.
 * Documents that many runs share are read once. `version` is this program's.
 */
export function makeVerify(version: string, kinds: Kinds): Verify {
  const library: Library = new Map()
  return async (folder, check, shared) => {
    const { evidence, verification } = readVerified(folder, check, shared)
    const more = [...(check ? [] : unlisted(evidence)), ...(await derived(evidence, version, kinds, library))]
    return { ...withChecks(verification, more), ...told(evidence) }
  }
}

/** Without a list of keys a signature proves nobody, and one that does not sign its text was changed. */
function unlisted(evidence: EvidenceFiles): Check[] {
  return madeSignatures({ ...evidence, events: evidence.chain.entries }).flatMap(
    ({ where, namespace, text, signature }) =>
      signsPlainly(signature, namespace, text) || signsText(signature, namespace, text)
        ? []
        : [failed('signature', `${where} does not sign its text`)],
  )
}

/** The parser is loaded where there is something to parse alone. */
async function derived(
  evidence: EvidenceFiles,
  version: string,
  kinds: Kinds,
  library: Library,
): Promise<Check[]> {
  if (evidence.chain.problems.length > 0) return []
  const { derivationChecks } = await import('./plan/derived-plan.ts')
  return derivationChecks(evidence, version, kinds, library)
}

function told({ chain }: EvidenceFiles): Pick<Verified, 'state' | 'lastEvent'> {
  const lastEvent = chain.entries.at(-1)
  try {
    return { state: fold(chain.entries), lastEvent }
  } catch {
    return { state: undefined, lastEvent }
  }
}
