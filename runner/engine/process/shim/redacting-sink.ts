import { redactor } from '../redact/redact.ts'
import { writeAll } from '../../../journal/record/write-all.ts'

export interface Sink {
  write(chunk: Buffer): void
  end(): void
}

/** Redacts what comes and writes it to a file; `also` gets the same bytes. */
export function redactingSink(
  secrets: readonly string[],
  fd: number,
  also: (bytes: Buffer) => void = () => {},
): Sink {
  const redact = redactor(secrets)
  let lost = 0
  let ended = false
  function write(bytes: Buffer): void {
    try {
      if (lost > 0) writeAll(fd, Buffer.from(`\n[${lost} bytes were lost here: the disk was full]\n`))
      lost = 0
      writeAll(fd, bytes)
    } catch {
      // The step is not to be held up by our disk; the gap is marked when there is room again.
      lost += bytes.length
    }
    also(bytes)
  }
  return {
    write: (chunk) => ended || write(redact.push(chunk)),
    end() {
      if (!ended) write(redact.end())
      ended = true
    },
  }
}
