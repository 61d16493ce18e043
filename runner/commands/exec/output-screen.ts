import { ansiLine, printable } from '../../model/text/ansi.ts'
import type { Io } from '../../kit/io.ts'

export interface OutputScreen {
  show(step: string, bytes: Buffer, skipped: number): void
  /** Prints what has no newline yet. */
  end(): void
}

/** A line of more characters is printed in pieces: output without a newline would fill the memory. */
const longestLine = 65_536

/**
 * Output of steps line by line as it comes: behind a bar on a terminal, behind the step's name elsewhere. Output that is not
 * yet a whole line waits for its end, up to 65,536 characters.
 */
export function outputScreen(io: Io, live: boolean): OutputScreen {
  const decoder = new TextDecoder()
  let rest = ''
  let bar = ''
  const print = (text: string): void => io.note(`${bar}${live ? ansiLine(text) : withoutColors(text)}`)
  return {
    show(step, bytes, skipped) {
      if (io.quiet) return
      bar = live ? `  ${io.style('dim', '│')} ` : `  ${printable(step)} │ `
      if (skipped > 0) io.note(`${bar}${io.style('dim', `… ${skipped} bytes are in the file only`)}`)
      const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) print(line)
      if (rest.length <= longestLine) return
      print(rest)
      rest = ''
    },
    end() {
      if (rest !== '') print(rest)
      rest = ''
    },
  }
}

/** A file or a pipe takes no colors. */
function withoutColors(text: string): string {
  return ansiLine(text).replaceAll(/\u001B\[[\d;:]*m/g, '')
}
