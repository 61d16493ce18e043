import { basename, dirname } from 'node:path'
import type { Event } from '../record/event.ts'
import { parseJson } from './evidence.ts'
import { hashWithin, listWithin, readTextWithin, readWithin, sizeWithin } from '../record/folder.ts'
import { splitLines } from '../record/journal-lines.ts'
import type { Lines } from '../record/journal-lines.ts'
import { checkChain } from './rules/chain.ts'
import type { Chain, ChainEntry } from './rules/chain.ts'
import { makeIndex } from './rules/run-index.ts'
import type { HeadEntry, Index } from './rules/run-index.ts'
import type { Beside } from './rules/run.ts'
import { evidenceFiles, files } from '../record/run-store.ts'
import { sha256 } from '../record/write-journal.ts'

/** All of a run's evidence, read and hashed, nothing judged but the chain. */
export interface EvidenceFiles extends Beside {
  chain: Chain<Event>
  index: Index | undefined
  /** The run that the folder is for; undefined for a bundle, whose folder may have any name. */
  run: string | undefined
  /** Text of the frozen document. */
  document: string | undefined
  head: string | undefined
  headSignature: string | undefined
  closing: string | undefined
  closingSignature: string | undefined
  signersSha256: string | undefined
}

/**
 * Reads a run's folder, where the index lies two folders up, or a bundle, which has its own. `shared` is the index of the
 * state folder when it was read already.
 */
export function readEvidence(folder: string, shared?: Index): EvidenceFiles {
  const text = (name: string): string | undefined => readTextWithin(folder, name)
  const plan = readWithin(folder, files.plan)
  const document = readWithin(folder, files.document)
  const { run, index } = shared ? { run: basename(folder), index: shared } : placeOf(folder)
  const { files: names, links } = listWithin(folder, files.steps)
  return {
    chain: readChain<Event & ChainEntry>(
      files.journal,
      splitLines(readWithin(folder, files.journal) ?? Buffer.alloc(0)),
    ),
    index,
    run,
    plan: plan && parseJson(plan.toString('utf8')),
    planSha256: plan && sha256(plan),
    document: document?.toString('utf8'),
    documentSha256: document && sha256(document),
    head: text(evidenceFiles.head),
    headSignature: text(evidenceFiles.headSignature),
    closing: text(evidenceFiles.closing),
    closingSignature: text(evidenceFiles.closingSignature),
    signersSha256: hashWithin(folder, evidenceFiles.signers),
    output: (file) => hashWithin(folder, file),
    present: names.filter(isOutput),
    links,
  }
}

/** A folder below one called `runs`, in a state folder that has an index, is of the run it is named after. */
function placeOf(folder: string): { run: string | undefined; index: Index | undefined } {
  const own = sizeWithin(folder, evidenceFiles.index) !== undefined
  const runs = dirname(folder)
  const state = dirname(runs)
  const inState = basename(runs) === 'runs' && (!own || sizeWithin(state, evidenceFiles.index) !== undefined)
  return inState
    ? { run: basename(folder), index: indexIn(state) }
    : { run: undefined, index: indexIn(folder) }
}

/** The index of runs in a folder; undefined where there is none. */
export function indexIn(folder: string): Index | undefined {
  const bytes = readWithin(folder, evidenceFiles.index)
  if (!bytes) return undefined
  return makeIndex(readChain<HeadEntry>(evidenceFiles.index, splitLines(bytes)))
}

function readChain<T extends ChainEntry>(name: string, { lines, torn }: Lines): Chain<T> {
  return checkChain<T>(
    name,
    lines,
    lines.map((line) => sha256(line)),
    torn,
  )
}

/** Names of the files a step prints to, below `steps/`; older runs have a folder for each attempt. */
const outputFile = /^[^/]*\.(stdout|stderr|cast)$|(^|\/)std(out|err)$/

/** Whether a name in a run's folder is of step output; what else lies there is the runner's own book-keeping. */
export function isOutput(name: string): boolean {
  return name.startsWith(`${files.steps}/`) && outputFile.test(name.slice(files.steps.length + 1))
}
