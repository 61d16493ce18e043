import { ftruncateSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import type { TerminalSize } from './protocol.ts'
import { writeAll } from '../../../journal/record/write-all.ts'

/** The recording of a terminal: asciicast v3. */
export interface Recording {
  output(bytes: Uint8Array): void
  resize(size: TerminalSize): void
  exit(code: number): void
}

/** Records into an empty file. A disk that is full leaves a gap, never half a line. */
export function recordTerminal(fd: number, { cols, rows }: TerminalSize, type: string): Recording {
  const decoder = new StringDecoder('utf8')
  const timestamp = Math.floor(Date.now() / 1000)
  let length = 0
  /** Milliseconds of the last event, and bytes that found no room since. */
  let [last, lost] = [performance.now(), 0]

  function line(value: unknown): boolean {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
    try {
      writeAll(fd, bytes)
      length += bytes.length
      return true
    } catch {
      ftruncateSync(fd, length)
      return false
    }
  }
  function event(code: 'o' | 'r' | 'x', data: string): boolean {
    const interval = Math.round(performance.now() - last)
    if (!line([interval / 1000, code, data])) return false
    last += interval
    return true
  }
  line({ version: 3, term: { cols, rows, type }, timestamp })
  return {
    output(bytes) {
      const text = decoder.write(bytes)
      if (text === '') return
      const gap = lost > 0 ? `\r\n[${lost} bytes were lost here: the disk was full]\r\n` : ''
      lost = event('o', gap + text) ? 0 : lost + bytes.length
    },
    resize: (size) => void event('r', `${size.cols}x${size.rows}`),
    exit: (code) => void event('x', String(code)),
  }
}
