import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How much of a growing file is read at a time, and how much of it is shown. */
const chunkBytes = 262_144
const shownBytes = 65_536
/** How much is read before other work gets its turn. */
const turnBytes = 16 * 1_048_576
/** As much of the beginning is compared at the end, to see that nobody began the file anew. */
const headBytes = 4096

/** One for all: what is read into it is used or copied before anything else is read. */
let shared: Buffer | undefined

interface Digest {
  bytes: number
  sha256: string
}

export interface Tail {
  /** Hands over what has come since the last call. Returns whether there is more. */
  poll(): boolean
  /** Reads to the end and closes. */
  finish(): Promise<Digest>
}

/** Follows a file another process writes. `onBytes` gets new bytes, and how many were skipped before them. */
export function followFile(path: string, onBytes: (bytes: Buffer, skipped: number) => void): Tail {
  const hash = createHash('sha256')
  let fd: number | undefined
  let offset = 0
  let head: Buffer = Buffer.alloc(0)

  function open(): number | undefined {
    try {
      fd ??= openSync(path, 'r')
    } catch {
      // The shim has not created it yet.
    }
    return fd
  }
  function poll(): boolean {
    const file = open()
    if (file === undefined) return false
    const buffer = (shared ??= Buffer.alloc(chunkBytes))
    const began = offset
    let read = readSync(file, buffer, 0, chunkBytes, offset)
    let last = 0
    for (; read > 0; read = readSync(file, buffer, 0, chunkBytes, offset)) {
      if (head.length < headBytes)
        head = Buffer.concat([head, buffer.subarray(0, Math.min(read, headBytes - head.length))])
      hash.update(buffer.subarray(0, read))
      offset += read
      last = read
      if (read < chunkBytes || offset - began >= turnBytes) break
    }
    const shown = Math.min(last, shownBytes)
    if (shown > 0) onBytes(Buffer.from(buffer.subarray(last - shown, last)), offset - began - shown)
    return read === chunkBytes
  }
  /** A program that opens /dev/stderr anew cuts the file; then it is read again. */
  function isAsRead(file: number): boolean {
    const start = Buffer.alloc(head.length)
    readSync(file, start, 0, start.length, 0)
    return fstatSync(file).size === offset && start.equals(head)
  }
  return {
    poll,
    async finish() {
      while (poll()) await nextTurn()
      const file = open()
      if (file === undefined) return { bytes: 0, sha256: '' }
      try {
        if (isAsRead(file)) return { bytes: offset, sha256: hash.digest('hex') }
        return { bytes: fstatSync(file).size, sha256: await digestOf(path) }
      } finally {
        closeSync(file)
      }
    },
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
