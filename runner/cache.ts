import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, isPrivate } from './cache-folder.ts'
import { isSingleFile } from './own-files.ts'
import { writeWhole } from './write-whole.ts'

/** Results kept by the content they came from. Every entry may be lost at any time; none is ever wrong. */
export interface Cache {
  /** The entry, or undefined when there is none or it was damaged. */
  get(key: string): unknown
  set(key: string, value: unknown): void
}

/** A cache that keeps nothing, for tests and for when there is no folder to write to. */
const noCache: Cache = { get: () => undefined, set: () => undefined }

const most = 20_000

/** Opens the cache folder; one that others may write to is not used. */
export function openCache(env: Record<string, string | undefined>): Cache {
  const folder = cacheFolder(env)
  if (folder === undefined) return noCache
  const cache = opened.get(folder) ?? (isPrivate(folder) ? cacheIn(folder) : noCache)
  opened.set(folder, cache)
  return cache
}

const opened = new Map<string, Cache>()

function cacheIn(folder: string): Cache {
  let checked = false
  return {
    get(key) {
      try {
        const text = readFileSync(join(folder, key), 'utf8')
        const end = text.indexOf('\n')
        return text.slice(0, end) === digest(key + text.slice(end + 1))
          ? JSON.parse(text.slice(end + 1))
          : undefined
      } catch {
        return undefined
      }
    },
    set(key, value) {
      if (!checked) prune(folder)
      checked = true
      const text = JSON.stringify(value)
      try {
        writeWhole(join(folder, key), `${digest(key + text)}\n${text}`, { flush: false })
      } catch {
        // A result that is not kept is computed again.
      }
    },
  }
}

/** Starts afresh when many versions of many documents have gathered. */
function prune(folder: string): void {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name))
    if (names.length > most) for (const name of names) rmSync(join(folder, name), { force: true })
  } catch {
    // Another process may be pruning too.
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The key of something derived from these parts by this version of the tool. */
export function cacheKey(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256').update(toolFingerprint())
  for (const part of parts) hash.update('\0').update(String(part.length)).update('\0').update(part)
  return hash.digest('hex')
}

let fingerprint: string | undefined

/** The tool's own files, by name, size and time: a changed reader never meets what an older one wrote. */
function toolFingerprint(): string {
  fingerprint ??= sources().map(stamp).join('\n')
  return fingerprint
}

/**
 * As one file, the program counts. As installed, this file has a digest in its name, of its contents and so of the names of all that it loads; as
 * source, the files that read count.
 */
function sources(): string[] {
  if (isSingleFile) return [process.execPath]
  const own = fileURLToPath(import.meta.url)
  const here = dirname(own)
  if (!own.endsWith('.ts')) return [own]
  const read = ['model', 'kinds', 'check'].flatMap((name) => filesIn(join(here, name)))
  return [own, ...read.filter((file) => file.endsWith('.ts'))]
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(folder, name)).toSorted()
}

function stamp(file: string): string {
  const { size, mtimeMs } = statSync(file)
  return `${file} ${size} ${mtimeMs}`
}
