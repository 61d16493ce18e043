import type { Terminal } from '../../engine/process/executor/step-terminal.ts'
import type { Io } from '../../kit/io.ts'

/** Ctrl-], as in other programs that hand on a terminal: Ctrl-C belongs to the program there. */
const escapeKey = 0x1d
const escapePresses = 3
const escapeMs = 1000
/** Colors off, cursor shown: what a program that was ended may have left. */
const reset = '\u001b[0m\u001b[?25h'

/** The terminal this program runs on, when somebody is there. Three times Ctrl-] within a second calls `stop`. */
export function operatorTerminal(io: Io, stop: () => void): Terminal | undefined {
  if (!io.interactive) return undefined
  const { stdin, stderr } = process
  const size = () => ({ cols: stderr.columns, rows: stderr.rows })
  return {
    size,
    lend(to) {
      const escaped = presses()
      let end = '\n'
      const onData = (bytes: Buffer): void => (escaped(bytes) ? stop() : to.type(bytes))
      const onResize = (): void => to.resize(size())
      io.note(io.style('dim', '  The step has the terminal. Ctrl-] three times stops the run.'))
      stdin.setRawMode(true)
      stdin.on('data', onData).resume()
      stderr.on('resize', onResize)
      return {
        show(bytes) {
          stderr.write(bytes)
          end = String.fromCharCode(bytes.at(-1) ?? 0)
        },
        giveBack() {
          stderr.off('resize', onResize)
          stdin.off('data', onData).pause()
          stdin.setRawMode(false)
          stderr.write(`${reset}${end === '\n' ? '' : '\n'}`)
        },
      }
    },
  }
}

/** Tells whether the escape key was pressed often enough, fast enough. */
function presses(): (bytes: Buffer) => boolean {
  let times: number[] = []
  return (bytes) => {
    const now = performance.now()
    times = times.filter((time) => now - time < escapeMs)
    for (const byte of bytes) if (byte === escapeKey) times.push(now)
    return times.length >= escapePresses
  }
}
