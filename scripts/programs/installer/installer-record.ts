import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { sha256 } from '../../domain/artifact.ts'
import { writeAtomically } from '../../lib/atomic.ts'
import type { Payload } from './payload.ts'

const record = z.strictObject({
  name: z.string().min(1),
  platform: z.enum(['macos', 'windows', 'linux']),
  version: z.string(),
  commit: z.string(),
  contents: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of what it installs, and under which name.'),
  size: z.int().min(1).describe('Bytes.'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  signed: z.boolean().describe('Whether a verifier of the platform accepted its signature.'),
  publisher: z.string().optional(),
  timestamp: z.string().optional().describe('The time that the authority gave the signature.'),
  authority: z.string().optional(),
  notarized: z.boolean(),
  rehearsal: z.boolean().describe('Signed by a certificate that was made for the occasion.'),
  substitute: z
    .boolean()
    .describe('Made with other tools than those of its platform: it only looks like one.'),
})

/** The facts about an installer; the file beside it, `<name>.json`. */
export type InstallerRecord = z.output<typeof record>

/** How an installer came out. */
export type How = Pick<InstallerRecord, 'platform' | 'signed' | 'notarized' | 'rehearsal' | 'substitute'> &
  Partial<Pick<InstallerRecord, 'publisher' | 'timestamp' | 'authority'>>

/** Puts a finished installer into a folder: the file, its digest for `sha256sum -c`, and its record, which comes last. */
export async function place(
  made: string,
  folder: string,
  payload: Payload,
  how: How,
): Promise<InstallerRecord> {
  const name = basename(made)
  const content = await readFile(made)
  const { version, commit, contents } = payload
  const entry = { name, version, commit, contents, size: content.length, sha256: sha256(content), ...how }
  const file = join(folder, name)
  await rm(`${file}.json`, { force: true })
  await writeAtomically(file, content)
  await writeAtomically(`${file}.sha256`, `${entry.sha256}  ${name}\n`)
  await writeAtomically(`${file}.json`, `${JSON.stringify(record.parse(entry), undefined, 2)}\n`)
  await rm(made, { force: true })
  return entry
}

/** The record of an installer; undefined when there is none. @throws {CliError} when the installer is not the one it is about */
export async function readRecord(file: string): Promise<InstallerRecord | undefined> {
  const text = await readFile(`${file}.json`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const read = record.safeParse(parsed(text))
  if (!read.success)
    throw new CliError(
      exit.failed,
      `${file}.json is not the record of an installer`,
      'Build the installer again.',
    )
  const content = await readFile(file).catch(() => undefined)
  if (content !== undefined && sha256(content) === read.data.sha256) return read.data
  throw new CliError(
    exit.failed,
    content === undefined
      ? `${file} is missing`
      : `${file} is not the file that was built: its digest differs`,
    'Build the installer again.',
  )
}

/** Whether an installer is there that installs the same and is as good as the one that is wanted. */
export async function isThere(
  file: string,
  payload: Payload,
  wanted: Omit<How, 'platform'>,
): Promise<InstallerRecord | undefined> {
  const there = await readRecord(file).catch(() => undefined)
  const same =
    there?.contents === payload.contents &&
    there.signed === wanted.signed &&
    there.notarized === wanted.notarized &&
    there.rehearsal === wanted.rehearsal
  return same ? there : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
