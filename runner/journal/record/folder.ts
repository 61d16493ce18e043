import { createHash, hash } from 'node:crypto'
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { JournalError } from './journal-error.ts'
import { makeFolder } from '../../make-folder.ts'

/**
 * The one reader of run folders. The content of a folder is untrusted: a link, a pipe or a device is never
 * opened, no name leads outside, and a file of any length takes constant memory to hash or to copy.
 */

/** Longest file that is read whole, in bytes; output is streamed and has no limit. */
const mostWhole = 256 * 1024 * 1024
const chunkBytes = 1024 * 1024
/** Deepest folder that is listed below another, and most names in all. */
const [mostDeep, mostNames] = [6, 100_000]

/** A link, a socket and a device without a driver cannot be opened so. */
const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Size in bytes of a regular file in a folder; undefined when there is none of that name, or only through a link. */
export function sizeWithin(folder: string, name: string): number | undefined {
  return statWithin(folder, name)?.size
}

/** Size and time of last change of a regular file in a folder; undefined as for `sizeWithin`. */
export function statWithin(folder: string, name: string): { size: number; mtimeNs: bigint } | undefined {
  if (!isReached(folder, name)) return undefined
  const stats = lstatSync(join(folder, name), { throwIfNoEntry: false, bigint: true })
  return stats?.isFile() ? { size: Number(stats.size), mtimeNs: stats.mtimeNs } : undefined
}

/** Opens a regular file in a folder for reading; the caller closes it. Undefined as for `sizeWithin`. */
function openWithin(folder: string, name: string): { fd: number; size: number } | undefined {
  if (!isReached(folder, name)) return undefined
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let fd: number
  try {
    // On a pipe, opening must not wait for a writer.
    fd = openSync(join(folder, name), O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  const stats = fstatSync(fd)
  if (stats.isFile()) return { fd, size: stats.size }
  closeSync(fd)
  return undefined
}

/** Whether a name leads through folders alone: no part of it is a link, `..` or absolute. */
function isReached(folder: string, name: string): boolean {
  const parts = name.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\'))) return false
  return parts.slice(0, -1).every((_, at) => isFolder(join(folder, ...parts.slice(0, at + 1))))
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The whole of a file in a folder. Throws JournalError for one that is too long to be part of a run. */
export function readWithin(folder: string, name: string): Buffer | undefined {
  return withFile(folder, name, (fd, size) => {
    if (size > mostWhole)
      throw new JournalError(
        `${join(folder, name)}: The file has ${size} bytes, more than the ${mostWhole} that are read`,
      )
    return readRange(fd, 0, size)
  })
}

export function readTextWithin(folder: string, name: string): string | undefined {
  return readWithin(folder, name)?.toString('utf8')
}

/** The first bytes of a file in a folder, at most `most`. */
export function startWithin(folder: string, name: string, most: number): Buffer | undefined {
  return withFile(folder, name, (fd, size) => readRange(fd, 0, Math.min(size, most)))
}

/** The last bytes of a file in a folder, at most `most`. */
export function endWithin(folder: string, name: string, most: number): Buffer | undefined {
  return withFile(folder, name, (fd, size) => readRange(fd, Math.max(0, size - most), Math.min(size, most)))
}

/** Hex SHA-256 of a file in a folder, in constant memory. */
export function hashWithin(folder: string, name: string): string | undefined {
  return withFile(folder, name, (fd, size) => {
    if (size <= chunkBytes) return hash('sha256', readRange(fd, 0, size))
    const digest = createHash('sha256')
    const chunk = Buffer.allocUnsafe(chunkBytes)
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk))
      digest.update(chunk.subarray(0, read))
    return digest.digest('hex')
  })
}

/** Copies a file in a folder to the same name below another. Returns whether there was one. */
export function copyWithin(folder: string, name: string, target: string): boolean {
  if (sizeWithin(folder, name) === undefined) return false
  makeFolder(dirname(join(target, name)), 0o777)
  copyFileSync(join(folder, name), join(target, name))
  return true
}

/** The content of a folder: names of its files and of its links, sorted, each with the folder's own name before it. */
export interface Listing {
  files: string[]
  links: string[]
}

export function listWithin(folder: string, name: string): Listing {
  const listing: Listing = { files: [], links: [] }
  const root = lstatSync(join(folder, name), { throwIfNoEntry: false })
  if (root?.isDirectory()) list(folder, name, mostDeep, listing)
  else if (root?.isSymbolicLink()) listing.links.push(name)
  return { files: listing.files.toSorted(), links: listing.links.toSorted() }
}

function list(folder: string, name: string, deep: number, listing: Listing): void {
  for (const entry of readdirSync(join(folder, name), { withFileTypes: true })) {
    if (listing.files.length >= mostNames) return
    const inner = `${name}/${entry.name}`
    if (entry.isSymbolicLink()) listing.links.push(inner)
    else if (entry.isFile()) listing.files.push(inner)
    else if (entry.isDirectory() && deep > 1) list(folder, inner, deep - 1, listing)
  }
}

function withFile<T>(folder: string, name: string, body: (fd: number, size: number) => T): T | undefined {
  const opened = openWithin(folder, name)
  if (!opened) return undefined
  try {
    return body(opened.fd, opened.size)
  } finally {
    closeSync(opened.fd)
  }
}

/** Bytes of a file; fewer where it has become shorter. */
function readRange(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, from + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
