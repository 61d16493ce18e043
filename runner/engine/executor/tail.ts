import { closeSync, openSync, readSync } from 'node:fs'

/** How much of a growing file is shown at a time; what is more is passed over on the screen, never in the file. */
const chunkBytes = 65_536

export interface Tail {
  /** Hands over what has come since the last call. */
  poll(): void
  close(): void
}

/** Follows a file another process writes. `onBytes` gets new bytes, and how many were passed over before them. */
export function followFile(path: string, onBytes: (bytes: Buffer, skipped: number) => void): Tail {
  let fd: number | undefined
  let offset = 0
  const buffer = Buffer.alloc(chunkBytes)
  function open(): number | undefined {
    try {
      fd ??= openSync(path, 'r')
    } catch {
      // The shim has not created it yet.
    }
    return fd
  }
  return {
    poll() {
      const file = open()
      if (file === undefined) return
      let skipped = 0
      let pending = 0
      for (
        let read = readSync(file, buffer, 0, chunkBytes, offset);
        read > 0;
        read = readSync(file, buffer, 0, chunkBytes, offset)
      ) {
        offset += read
        skipped += pending
        pending = read
        if (read < chunkBytes) break
      }
      if (pending > 0) onBytes(Buffer.from(buffer.subarray(0, pending)), skipped)
    },
    close() {
      if (fd !== undefined) closeSync(fd)
    },
  }
}
