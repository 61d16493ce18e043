import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { askedFile } from '../engine/people/asked.ts'
import { takenOverFile } from '../engine/concurrency-key.ts'
import { isSafeName } from '../journal/verify/evidence.ts'
import { readTextWithin, readWithin, sizeWithin } from '../journal/record/folder.ts'
import { evidenceFiles, files } from '../journal/record/run-store.ts'
import { sha256, syncFolder } from '../journal/record/write-journal.ts'
import { parseObject } from '../model/values/json.ts'
import type { TeamDesk } from './port.ts'
import { Forked } from './refusals.ts'
import { reconcile } from './reconcile.ts'
import { writeWhole } from '../write-whole.ts'
import { makeFolder } from '../make-folder.ts'

/** The files beside a journal that its first line names. */
export const ofStart: readonly string[] = [
  files.plan,
  files.document,
  evidenceFiles.signers,
  evidenceFiles.revoked,
]
/** Those that are written when it pauses or ends. */
export const ofEnd: readonly string[] = [evidenceFiles.head, evidenceFiles.headSignature]

/** Whether a stored file may be written beside a journal. */
function isOurs(file: string): boolean {
  return isSafeName(file) || [...ofStart, ...ofEnd, askedFile].includes(file)
}

/** The lines of a journal, each with its newline; a torn last one is left out. */
export function linesIn(folder: string): string[] {
  const text = readWithin(folder, files.journal)?.toString('utf8') ?? ''
  return text.split(/(?<=\n)/).filter((line) => line.endsWith('\n'))
}

/**
 * Compares a run on this disk with the stored one, and writes back the part that the disk lost: lines, plan, document,
 * outputs. Returns the count of lines that both have then. Throws Forked when they differ; nothing is written then.
 * @param onBehind called before anything is written
 */
export async function takeUp(
  desk: TeamDesk,
  run: string,
  folder: string,
  onBehind = (): void => {},
): Promise<number> {
  const [here, stored] = [linesIn(folder), await desk.events(run)]
  const standing = reconcile(here, stored)
  if (standing.type === 'forked') throw new Forked(`line ${standing.at + 1} of run ${run}`)
  if (standing.type === 'ahead') return standing.from
  onBehind()
  await writeBack(desk, run, folder, stored.slice(standing.from))
  return stored.length
}

/** Writes a stored run into a folder that does not exist, such as to look at it. */
export async function copyRun(desk: TeamDesk, run: string, folder: string): Promise<void> {
  await writeBack(desk, run, folder, await desk.events(run))
}

async function writeBack(
  desk: TeamDesk,
  run: string,
  folder: string,
  lines: readonly string[],
): Promise<void> {
  makeFolder(folder)
  await copyFiles(desk, run, folder)
  // The lines come last: they name the files.
  appendFileSync(join(folder, files.journal), lines.join(''), { mode: 0o600, flush: true })
  syncFolder(folder)
  syncFolder(dirname(folder))
}

/** Writes the stored files of a run whose versions here are others. The seal of a run is stored after its last line. */
export async function copyFiles(desk: TeamDesk, run: string, folder: string): Promise<void> {
  for (const { file, sha256: digest, bytes } of await desk.files(run)) {
    if (!isOurs(file)) continue
    if (sizeWithin(folder, file) === bytes && sha256(readWithin(folder, file) ?? '') === digest) continue
    write(join(folder, file), await desk.file(digest))
  }
}

function write(path: string, bytes: Buffer): void {
  makeFolder(dirname(path))
  writeWhole(path, bytes)
}

/**
 * Marks the copy of a run that another machine has: it holds no key here.
 * @param epoch the last one of this machine, where the database has a later one; kept once it is known
 */
export function markTakenOver(folder: string, words: string, epoch = lostEpoch(folder)): void {
  if (!existsSync(folder)) return
  const word = { words, at: new Date().toISOString(), ...(epoch === undefined ? {} : { epoch }) }
  writeWhole(join(folder, takenOverFile), `${JSON.stringify(word)}\n`)
}

/** The epoch in which this machine lost a run to another one; undefined when it is not known to have. */
export function lostEpoch(folder: string): number | undefined {
  const epoch = parseObject(readTextWithin(folder, takenOverFile) ?? '')?.['epoch']
  return typeof epoch === 'number' ? epoch : undefined
}

/** The run is this machine's again. */
export function unmarkTakenOver(folder: string): void {
  rmSync(join(folder, takenOverFile), { force: true })
}
