import type { Event } from '../journal/record/event.ts'
import { readTextWithin } from '../journal/record/folder.ts'
import type { RunState } from '../journal/fold.ts'
import { judgeSignatures } from '../journal/verify/rules/signatures.ts'
import type { CheckSignature, JudgedSignature } from '../journal/verify/rules/signatures.ts'
import { tell } from '../journal/story/story.ts'
import type { Story } from '../journal/story/story.ts'
import { files, listRuns, readRun, runFolder } from '../journal/record/run-store.ts'
import type { StoredRun } from '../journal/record/run-store.ts'
import { readVerified } from '../journal/verify/verify-evidence.ts'
import type { Verification } from '../journal/verify/verify-evidence.ts'
import type { Plan } from '../model/plan.ts'

export interface ReadableRun {
  run: string
  folder: string
  plan: Plan
  events: Event[]
  state: RunState
  /** The run in words: what its pages lay out. */
  story: Story
  /** Whether the files prove what they say; undefined when that could not be looked at. */
  verification: Verification | undefined
  signatures: JudgedSignature[]
  /** Length and last hash of the journal as it was read. */
  head: { size: number; sha256: string } | undefined
  /** Whose keys the signatures were judged by, in words; `none` when there is no list. */
  signers: string
  /** The document as it was when the run started, when it is still there. */
  document: string | undefined
}

/** A run, or why its files cannot be trusted: one broken run never stops a page. */
export type RunOrProblem = ReadableRun | { run: string; problem: string }

/** Who judges the signatures of a run's folder: the program that does, and whose list of keys it goes by. */
export type JudgeOf = (folder: string) => { check: CheckSignature | undefined; source: string }

export function isReadable(run: RunOrProblem): run is ReadableRun {
  return 'state' in run
}

/** Ids of all runs of a state folder, newest first; none when there is no such folder. */
export function runIds(state: string): string[] {
  try {
    return listRuns(state)
  } catch {
    return []
  }
}

export function readRunOrProblem(state: string, run: string, judgeOf: JudgeOf): RunOrProblem {
  try {
    return readableRun(readRun(state, run), judgeOf)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { run, problem: words.replaceAll(`${runFolder(state, run)}/`, '') }
  }
}

/** A run with everything that its pages lay out. */
export function readableRun(stored: StoredRun, judgeOf: JudgeOf): ReadableRun {
  const { source, ...judged } = judge(stored.folder, judgeOf)
  const { folder, events, plan, state } = stored
  const story = tell(events, plan, state)
  return { run: state.run, ...stored, story, ...judged, signers: source, document: documentOf(folder) }
}

function judge(
  folder: string,
  judgeOf: JudgeOf,
): Pick<ReadableRun, 'verification' | 'signatures' | 'head'> & { source: string } {
  try {
    const { check, source } = judgeOf(folder)
    const judgeOnce = check && remembered(check)
    const { evidence, verification } = readVerified(folder, judgeOnce)
    const signatures = judgeSignatures({ ...evidence, events: evidence.chain.entries }, judgeOnce)
    const { hashes } = evidence.chain
    const head = { size: hashes.length, sha256: hashes.at(-1) ?? '' }
    return { verification, signatures, head, source }
  } catch {
    return { verification: undefined, signatures: [], head: undefined, source: 'none' }
  }
}

/** Each signature is a process of its own, and is asked about twice. */
function remembered(check: CheckSignature): CheckSignature {
  const cache = new Map<string, string | undefined>()
  return (request) => {
    const key = JSON.stringify(request)
    if (!cache.has(key)) cache.set(key, check(request))
    return cache.get(key)
  }
}

function documentOf(folder: string): string | undefined {
  return readTextWithin(folder, files.document)
}
