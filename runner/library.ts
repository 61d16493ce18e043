import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { cacheKey, openCache } from './cache.ts'
import type { Cache } from './cache.ts'
import type { Kinds } from './kinds/index.ts'
import { compareText } from './model/compare-text.ts'
import { diagnostic } from './model/diagnostic.ts'
import type { Diagnostic } from './model/diagnostic.ts'
import { storedParams } from './model/steps/step-params.ts'
import type { StoredParams } from './model/steps/step-params.ts'
import { failure, success } from './model/problem.ts'
import type { Outcome } from './model/problem.ts'
import type { RunbookReading } from './model/read-runbook.ts'
import type { Runbook } from './model/runbook.ts'
import { existingFile } from './regular-file.ts'

/** A document in the content folder, not yet read. */
export interface LibraryEntry {
  slug: string
  /** Absolute path. */
  path: string
  /** The content of the file as an editor has it, unsaved. Default: what is on the disk. */
  bytes?: Buffer
}

/** A document as it was read, with its bytes. It has no body when the cache knew it. */
export interface EntryReading extends RunbookReading {
  bytes: Buffer
  params: StoredParams
}

const extension = /\.(mdx|md)$/i

/** Every runbook below the content folder, by slug. Names that begin with `_` or `.` are left out. */
export function listEntries(content: string): LibraryEntry[] {
  if (!existsSync(content)) return []
  return [...documentsBelow(content, [])]
    .map((path) => entryAt(content, path))
    .toSorted((a, b) => compareText(a.slug, b.slug) || compareText(b.path, a.path))
}

/** A folder that cannot be read stands for itself, so that it becomes a finding. `above` ends circles of links. */
function* documentsBelow(folder: string, above: readonly string[]): Generator<string> {
  let names: string[]
  let real: string
  try {
    names = readdirSync(folder)
    real = realpathSync(folder)
  } catch {
    yield folder
    return
  }
  if (above.includes(real)) return
  for (const name of names) {
    if (name.startsWith('.') || name === 'node_modules') continue
    const path = join(folder, name)
    const stats = statsOf(path)
    if (stats?.isDirectory()) yield* documentsBelow(path, [...above, real])
    else if (extension.test(name) && !name.startsWith('_') && (stats?.isFile() ?? true)) yield path
  }
}

/** Undefined for what is not there, and for a link that leads to itself. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

export function entryAt(content: string, path: string): LibraryEntry {
  const inside = relative(content, path)
  const shown = inside.startsWith('..') ? (path.split(sep).at(-1) ?? path) : inside
  return { slug: slugOf(shown), path }
}

/** The address of a file's page below the content folder: without what an address cannot hold. */
export function slugOf(file: string): string {
  return file
    .split(sep)
    .join('/')
    .replace(extension, '')
    .toLowerCase()
    .replaceAll(/[%#?\\\p{Cc}\u2028\u2029]+/gu, '-')
}

/** Finds a runbook by slug, or by path when the name is one. */
export function findEntry(content: string, name: string, cwd: string): LibraryEntry | undefined {
  const path = resolve(cwd, name)
  if (extension.test(name) && existsSync(path) && statSync(path).isFile()) return entryAt(content, path)
  return listEntries(content).find((entry) => entry.slug === name.toLowerCase())
}

/**
 * Reads one document. Never throws for what is in it; a file that cannot be read is a diagnostic too. The parser is
 * only loaded when the cache does not know these bytes.
 */
export async function readEntry(
  entry: LibraryEntry,
  cwd: string,
  kinds: Kinds,
  cache: Cache = openCache(process.env),
): Promise<EntryReading> {
  const file = relative(cwd, entry.path).split(sep).join('/')
  const content = entry.bytes ? success(entry.bytes) : readBytes(entry.path)
  if (!content.ok) return unreadable(entry, file, content.problem.message)
  const bytes = content.value
  const key = cacheKey('reading', file, entry.slug, bytes)
  const keeps = !kinds.own
  const cached = (keeps ? cache.get(key) : undefined) as
    | { valid: boolean; document: Runbook; diagnostics: Diagnostic[]; params: StoredParams }
    | undefined
  if (cached) {
    const { valid, document, diagnostics, params } = cached
    return { ...(valid ? { runbook: document } : {}), document, diagnostics, bytes, params }
  }
  const [{ readRunbook }, { all }] = await Promise.all([import('./model/read-runbook.ts'), kinds.load()])
  const read = readRunbook({ file, slug: entry.slug, bytes }, all)
  const { runbook, document, diagnostics } = read
  const params = runbook ? storedParams(runbook.steps, all) : []
  if (keeps) cache.set(key, { valid: runbook !== undefined, document, diagnostics, params })
  return { ...read, bytes, params }
}

function readBytes(path: string): Outcome<Buffer> {
  const read = existingFile(path)
  return read.ok ? read : failure(`The file ${read.problem.message}`)
}

function unreadable(entry: LibraryEntry, file: string, message: string): EntryReading {
  const place = { file, line: 1, column: 1 }
  const problem = diagnostic('file-unreadable', place, message, {
    hint: 'Check that it exists and that you may read it.',
  })
  const format = entry.path.endsWith('.mdx') ? 'mdx' : 'md'
  const { slug } = entry
  const document: Runbook = {
    slug,
    file,
    format,
    sha256: '',
    meta: { title: slug },
    steps: [],
    anchors: [],
    links: [],
    ignores: [],
  }
  return { document, diagnostics: [problem], bytes: Buffer.alloc(0), params: [] }
}
