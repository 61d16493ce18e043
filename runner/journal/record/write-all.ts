import { writeSync } from 'node:fs'

/** Writes all bytes, however many the system takes at a time. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset)
}
