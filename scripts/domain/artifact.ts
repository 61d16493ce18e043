import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf } from '../lib/errors.ts'
import { isRecord } from '../../runner/model/values/json.ts'

/** One file of a release: name with forward slashes, size in bytes, digest in lower-case hex. */
export interface ArtifactFile {
  name: string
  size: number
  sha256: string
}

/** The content of `release-metadata.json`. */
export interface ReleaseMetadata {
  version: string
  /** The full hash of the commit the files were taken from. */
  commit: string
  artifacts: ArtifactFile[]
  /** ISO 8601, UTC. */
  createdAt: string
  /** True only when printed by a dry run; such metadata is never written. */
  dryRun: boolean
  /** Always false here: nothing in this build signs. */
  signed: false
  notarized: false
}

/** A verified artifact folder; `digest` identifies its content. */
export interface Artifact {
  folder: string
  metadata: ReleaseMetadata
  digest: string
}

export const METADATA_FILE = 'release-metadata.json'
export const SUMS_FILE = 'SHA256SUMS'

/** SHA-256 in lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The content of SHA256SUMS, as `sha256sum -c` reads it. */
export function sumsText(files: readonly ArtifactFile[]): string {
  return files.map((file) => `${file.sha256}  ${file.name}\n`).join('')
}

/**
 * Reads an artifact folder and checks every byte of it: the files are exactly those of SHA256SUMS, with those
 * digests, and the metadata says the same.
 * @throws {CliError} naming the first file that differs
 */
export async function verifyArtifact(folder: string): Promise<Artifact> {
  const metadata = await readMetadata(folder)
  const sums = await readPart(folder, SUMS_FILE)
  if (sums !== sumsText(metadata.artifacts)) {
    throw new CliError(
      exit.failed,
      `${SUMS_FILE} and ${METADATA_FILE} disagree in ${folder}: one of the two was changed after the build`,
      'Build the artifact again.',
    )
  }
  const names = await listFiles(folder)
  for (const file of metadata.artifacts) await checkFile(folder, file, names)
  const listed = new Set([...metadata.artifacts.map((file) => file.name), METADATA_FILE, SUMS_FILE])
  const extra = names.find((name) => !listed.has(name))
  if (extra !== undefined)
    throw new CliError(
      exit.failed,
      `Unexpected file ${extra} in ${folder}: ${SUMS_FILE} does not list it`,
      'Build the artifact again into an empty folder.',
    )
  return { folder, metadata, digest: sha256(sums) }
}

async function checkFile(folder: string, file: ArtifactFile, names: readonly string[]): Promise<void> {
  if (!names.includes(file.name))
    throw new CliError(
      exit.failed,
      `${file.name} is missing in ${folder}: ${SUMS_FILE} lists it`,
      'Build or fetch the artifact again.',
    )
  const content = await readFile(join(folder, file.name))
  const actual = sha256(content)
  if (actual === file.sha256 && content.length === file.size) return
  throw new CliError(
    exit.failed,
    `${file.name} is not the file that was built (${folder}): expected sha256 ${file.sha256}, got ${actual}`,
    'Do not deploy it. Build or fetch the artifact again.',
  )
}

async function readMetadata(folder: string): Promise<ReleaseMetadata> {
  const text = await readPart(folder, METADATA_FILE)
  try {
    const value: unknown = JSON.parse(text)
    if (isMetadata(value)) return value
  } catch {
    // Falls through: broken JSON and wrong JSON have the same remedy.
  }
  throw new CliError(
    exit.failed,
    `${METADATA_FILE} in ${folder} cannot be used: expected version, commit and artifacts with name, size and sha256`,
    'Build the artifact again.',
  )
}

function isMetadata(value: unknown): value is ReleaseMetadata {
  if (!isRecord(value) || typeof value['version'] !== 'string' || typeof value['commit'] !== 'string')
    return false
  return (
    Array.isArray(value['artifacts']) &&
    value['artifacts'].length > 0 &&
    value['artifacts'].every(isArtifactFile)
  )
}

// A name that climbs out of the folder must never be read.
function isArtifactFile(value: unknown): value is ArtifactFile {
  if (!isRecord(value) || typeof value['name'] !== 'string' || typeof value['size'] !== 'number') return false
  const parts = value['name'].split('/')
  return !parts.includes('..') && !parts.includes('') && /^[0-9a-f]{64}$/.test(String(value['sha256']))
}

async function readPart(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${folder} is not an artifact folder: ${name} cannot be read (${codeOf(error)})`,
      'Give the folder that `runbook build` printed.',
    )
  }
}

/** The files under a folder, sorted, with forward slashes. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  return files
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
}
