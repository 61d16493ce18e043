import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { writeAtomically } from '../../lib/atomic.ts'

const retraction = z.strictObject({
  version: z.string(),
  commit: z.string(),
  reason: z.string(),
  run: z.string(),
  at: z.iso.datetime(),
})

type Retraction = z.output<typeof retraction>

/** The note that stays in place of a release that was removed. */
export function retractionFile({ out, version }: { out: string; version: string }): string {
  return join(out, `release-${version}.retracted.json`)
}

/** Writes the note before anything is removed. One that is there is kept. @returns whether it was written */
export async function writeRetraction(file: string, note: Retraction): Promise<boolean> {
  if ((await readRetraction(file)) !== undefined) return false
  await writeAtomically(file, `${JSON.stringify(note, null, 2)}\n`)
  return true
}

/** @throws {CliError} when the version was retracted */
export async function refuseRetracted(release: { out: string; version: string }): Promise<void> {
  const note = await readRetraction(retractionFile(release))
  if (note === undefined) return
  throw new CliError(
    exit.failed,
    `${note.version} was retracted on ${note.at.slice(0, 10)} by run ${note.run}: ${note.reason}`,
    'Somebody may have the files of that version. Raise the version.',
  )
}

async function readRetraction(file: string): Promise<Retraction | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : retraction.parse(JSON.parse(text))
}
