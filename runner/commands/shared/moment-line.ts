import type { Moment } from '../../journal/story/story-moment.ts'
import type { Tone } from '../../journal/story/tone.ts'
import { printable } from '../../kit/io.ts'
import type { Io, Style } from '../../kit/io.ts'

/** The colors of the tones on a terminal. */
export const toneStyles = { ok: 'green', bad: 'red', warn: 'yellow', info: 'blue' } as const satisfies Record<
  Tone,
  Style
>

const marks: Record<Tone, string> = { ok: '✓', bad: '✗', warn: '!', info: '»' }

/** The sign of a tone on a terminal, beside words. */
export function toneMark(tone: Tone, io: Io): string {
  return io.style(toneStyles[tone], marks[tone])
}

/** The event and its reason, on one line. */
export function momentText({ what, detail }: Moment): string {
  return detail === '' ? what : `${what}: ${detail.trim().replaceAll(/\s*\n\s*/g, ' ')}`
}

/** A moment on one line: what, why, and who decided it. */
export function momentLine(moment: Moment, io: Io): string {
  const { tone, by, identity } = moment
  const who = identity === '' ? '' : `  ${io.style('dim', printable(`${by.id}, ${identity}`))}`
  return `${toneMark(tone, io)} ${printable(momentText(moment))}${who}`
}
