import type { Moment } from '../../journal/story/moment.ts'
import type { Tone } from '../../journal/story/tone.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

/** The sign of a tone on a terminal; words stand beside it. */
export function toneMark(tone: Tone, io: Io): string {
  switch (tone) {
    case 'ok':
      return io.style('green', '✓')
    case 'bad':
      return io.style('red', '✗')
    case 'warn':
      return io.style('yellow', '!')
    default:
      return io.style('blue', '»')
  }
}

/** What happened and why, on one line. */
export function momentText({ what, detail }: Moment): string {
  return detail === '' ? what : `${what}: ${detail.trim().replaceAll(/\s*\n\s*/g, ' ')}`
}

/** A moment on one line: what, why, and who decided it. */
export function momentLine(moment: Moment, io: Io): string {
  const { tone, by, identity } = moment
  const who = identity === '' ? '' : `  ${io.style('dim', printable(`${by.id}, ${identity}`))}`
  return `${toneMark(tone, io)} ${printable(momentText(moment))}${who}`
}
