import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { documentText, namespaces, parseHead, runnersBefore } from '../../journal/verify/evidence.ts'
import type { Head } from '../../journal/verify/evidence.ts'
import { readTextWithin, sizeWithin } from '../../journal/record/folder.ts'
import { appendEntry, readIndex } from '../../journal/record/heads.ts'
import { newestOf } from '../../journal/verify/rules/run-index.ts'
import { lineHash } from '../../journal/record/read-journal.ts'
import { evidenceFiles, files } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import { syncFolder } from '../../journal/record/write-journal.ts'
import type { Run } from '../run.ts'
import type { Signer } from './signing-key.ts'
import { SigningError } from './ssh-keygen.ts'
import { writeWhole } from '../../write-whole.ts'

/** The seal of a run, while it is open or later. */
type Sealed = Pick<Run, 'state' | 'folder' | 'actor' | 'signer' | 'sealer'> & {
  plan: Pick<Run['plan'], 'slug'>
  journal: Pick<Run['journal'], 'events' | 'head'>
}

/** Enters a run into the index of all runs, before its first step; does nothing when it is there. */
export function openEvidence({ state, plan, journal, actor }: Run): void {
  const first = journal.events[0]
  const second = journal.events[1]
  if (!first) return
  const sha256 = second?.prev ?? journal.head()
  appendEntry(state, (tail) =>
    tail.holds(first.run)
      ? undefined
      : { type: 'opened', run: first.run, slug: plan.slug, size: 1, sha256, final: false, by: actor.id },
  )
}

/**
 * Writes the head of a run that has paused or ended, signs it when there is a key, and enters it into the index. A key
 * that does not sign leaves the run unsigned; the reason is returned, for what has been run cannot be unrun.
 */
export function seal(run: Sealed): { signed: boolean; problem?: string } {
  const { state, folder, plan, journal, actor, sealer = actor, signer } = run
  const last = journal.events.at(-1)
  if (!last) return { signed: false }
  let outcome: { signed: boolean; problem?: string } = { signed: false }
  const facts = {
    run: last.run,
    size: journal.events.length,
    sha256: journal.head(),
    final: last.type === 'run-ended',
    by: sealer.id,
  }
  appendEntry(state, ({ prefix }) => {
    const head: Head = { v: 1, ...facts, ts: new Date().toISOString(), index: prefix }
    outcome = writeSigned(
      folder,
      [evidenceFiles.head, evidenceFiles.headSignature],
      documentText(head),
      signer,
    )
    for (const name of [evidenceFiles.closing, evidenceFiles.closingSignature, evidenceFiles.timeStamp])
      rmSync(join(folder, name), { force: true })
    return { type: 'head', slug: plan.slug, ...facts }
  })
  return outcome
}

/** The repaired part of a run's seal; `missing` when only its operators can make it. */
export interface Resealed {
  made: 'nothing' | 'line' | 'seal' | 'missing'
  signed: boolean
  problem?: string
}

/**
 * Completes the seal of a run that has ended, whatever a crash left of it. A head that names the whole journal needs its
 * line in the index alone, which anybody may enter; a head can only be made by somebody who ran it.
 */
function completeSeal(options: Sealed): Resealed {
  const { state, folder, plan, journal, signer, sealer: actor = options.actor } = options
  const { events } = journal
  const head = parseHead(readTextWithin(folder, evidenceFiles.head))
  const signed = sizeWithin(folder, evidenceFiles.headSignature) !== undefined
  if (!head?.final || head.size !== events.length || head.sha256 !== journal.head()) {
    if (!runnersBefore(events, events.length).includes(actor.id)) return { made: 'missing', signed }
    return { made: 'seal', ...seal(options) }
  }
  const again = !signed && actor.id === head.by ? signHead(folder, signer) : { signed }
  const { run, size, sha256, by } = head
  const newest = newestOf(readIndex(state), run)
  if (newest?.final && newest.size === size && newest.sha256 === sha256) return { made: 'nothing', ...again }
  appendEntry(state, () => ({ type: 'head', run, slug: plan.slug, size, sha256, final: true, by }))
  return { made: 'line', ...again }
}

/** Completes the seal of a run that has ended, as it is stored. */
export function sealStored(
  { folder, events, plan }: StoredRun,
  by: Pick<Run, 'state' | 'actor' | 'signer' | 'sealer'>,
): Resealed {
  const sha256 = lineHash(join(folder, files.journal), events.length)
  return completeSeal({ ...by, folder, plan, journal: { events, head: () => sha256 } })
}

function writeSigned(
  folder: string,
  [name, signatureName]: readonly [string, string],
  text: string,
  signer: Signer | undefined,
): { signed: boolean; problem?: string } {
  rmSync(join(folder, signatureName), { force: true })
  writeWhole(join(folder, name), text)
  const signed = signHead(folder, signer)
  syncFolder(folder)
  return signed
}

/** Signs head.json as it stands: when it is made, or later by the same person when the key was not at hand then. */
function signHead(folder: string, signer: Signer | undefined): { signed: boolean; problem?: string } {
  if (!signer) return { signed: false }
  const head = readTextWithin(folder, evidenceFiles.head)
  if (head === undefined) return { signed: false }
  try {
    const signature = signer.sign(namespaces.head, head)
    writeWhole(join(folder, evidenceFiles.headSignature), signature)
    return { signed: true }
  } catch (error) {
    if (!(error instanceof SigningError)) throw error
    return { signed: false, problem: error.message }
  }
}
