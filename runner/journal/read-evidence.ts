import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from './event.ts'
import { parseJson } from './evidence.ts'
import { splitLines } from './lines.ts'
import { checkChain } from './rules-chain.ts'
import type { Chain, Link } from './rules-chain.ts'
import type { HeadEntry } from './rules-head.ts'
import type { Beside } from './rules-run.ts'
import { evidenceFiles, files } from './store.ts'
import { sha256 } from './write.ts'

/** All of a run's evidence, read and hashed, nothing judged but the chain. */
export interface EvidenceFiles extends Beside {
  chain: Chain<Event>
  index: Chain<HeadEntry> | undefined
  head: string | undefined
  headSignature: string | undefined
  closing: string | undefined
  closingSignature: string | undefined
  signersSha256: string | undefined
}

/** Reads a run's folder, where the index lies two folders up, or a bundle, which has its own. */
export function readEvidence(folder: string): EvidenceFiles {
  const text = (name: string): string | undefined => readIf(join(folder, name))?.toString('utf8')
  const plan = readIf(join(folder, files.plan))
  const document = readIf(join(folder, files.document))
  const signers = readIf(join(folder, evidenceFiles.signers))
  const own = readIf(join(folder, evidenceFiles.index))
  const index = own ?? readIf(join(folder, '..', '..', evidenceFiles.index))
  return {
    chain: readChain<Event & Link>(files.journal, readIf(join(folder, files.journal)) ?? Buffer.alloc(0)),
    index: index && readChain<HeadEntry>(evidenceFiles.index, index),
    plan: plan && parseJson(plan.toString('utf8')),
    planSha256: plan && sha256(plan),
    documentSha256: document && sha256(document),
    head: text(evidenceFiles.head),
    headSignature: text(evidenceFiles.headSignature),
    closing: text(evidenceFiles.closing),
    closingSignature: text(evidenceFiles.closingSignature),
    signersSha256: signers && sha256(signers),
    output: (file) => hashOf(join(folder, file)),
    present: listOutput(folder),
  }
}

export function readChain<T extends Link>(name: string, bytes: Uint8Array): Chain<T> {
  const { lines, torn } = splitLines(bytes)
  return checkChain<T>(
    name,
    lines,
    lines.map((line) => sha256(line)),
    torn,
  )
}

function readIf(path: string): Buffer | undefined {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path) : undefined
}

function hashOf(path: string): string | undefined {
  const bytes = readIf(path)
  return bytes && sha256(bytes)
}

/** Names of the files a step prints to, below `steps/`; older runs have a folder for each attempt. */
export const outputFile = /^[^/]*\.(stdout|stderr|cast)$|(^|\/)std(out|err)$/

/** Output of steps that is not empty; what else lies there is the runner's own book-keeping. */
function listOutput(folder: string): string[] {
  const steps = join(folder, files.steps)
  if (!existsSync(steps)) return []
  return readdirSync(steps, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => outputFile.test(name))
    .map((name) => `${files.steps}/${name}`)
    .filter((name) => statSync(join(folder, name)).size > 0)
    .toSorted()
}
