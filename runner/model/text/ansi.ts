/** A piece of terminal output and the classes it is drawn with. */
export interface Span {
  text: string
  classes: string
}

/** How characters are drawn: what a terminal calls its graphic rendition. */
export interface Pen {
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  inverse: boolean
  /** One of the eight names, or empty for the terminal's own. */
  color: string
  back: string
}

export const blank: Pen = {
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  color: '',
  back: '',
}
const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** One piece of terminal output. */
export type Token =
  | { type: 'text'; text: string }
  /** A control character, such as a newline or a backspace. */
  | { type: 'control'; char: string }
  /** A control sequence: `ESC [ mark codes final`. Colors have `m` as their final. */
  | { type: 'sequence'; mark: string; codes: string; final: string; raw: string }
  /** A short escape sequence, by its final character. */
  | { type: 'escape'; code: string }
  /** A title, the target of a link, or another string for the terminal itself. */
  | { type: 'string' }

const token = new RegExp(
  String.raw`\u001B\[([?>=<]?)([\d;:]*)[ -/]*([@-~])` +
    String.raw`|(\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\|$))` +
    String.raw`|\u001B[ -/]*([0-~])?` +
    String.raw`|([\u0000-\u001A\u001C-\u001F\u007F])` +
    String.raw`|([^\u0000-\u001F\u007F]+)`,
  'g',
)

/** Splits what a program printed for a terminal into text and sequences. */
export function* tokens(raw: string): Generator<Token> {
  for (const [all, mark = '', codes = '', final, string, code, char, text] of raw.matchAll(token)) {
    if (text !== undefined) yield { type: 'text', text }
    else if (char !== undefined) yield { type: 'control', char }
    else if (final !== undefined) yield { type: 'sequence', mark, codes, final, raw: all }
    else if (string !== undefined) yield { type: 'string' }
    else yield { type: 'escape', code: code ?? '' }
  }
}

function isStyle(one: Token): one is Extract<Token, { type: 'sequence' }> {
  return one.type === 'sequence' && one.final === 'm' && one.mark === ''
}

/** A sequence that the next bytes of the output may complete; empty when there is none. */
export function openSequence(raw: string): string {
  return /\u001B(\[[\d;:?<>= -/]*|[\]PX^_][^\u0007\u001B]*|[ -/]*)?$/.exec(raw)?.[0] ?? ''
}

/**
 * Terminal output as text with classes: colors of the 16 are kept, richer ones take the nearest of them, and every
 * other control sequence (titles, cursor moves, targets of links) is dropped. A line that rewrote itself shows its end.
 */
export function ansiSpans(raw: string): Span[] {
  const spans: Span[] = []
  let pen = blank
  for (const one of tokens(withLastRewrites(raw))) {
    if (isStyle(one)) pen = styled(pen, one.codes)
    else push(spans, plain(one), pen)
  }
  return spans
}

/** One line of output for a person's terminal: colors stay, every other sequence is dropped, the rest is printable. */
export function ansiLine(raw: string): string {
  let line = ''
  let colored = false
  for (const one of tokens(withLastRewrites(raw))) {
    if (isStyle(one)) {
      colored = true
      line += one.raw
    } else if (one.type === 'control' && one.char !== '\t') line += printable(one.char)
    else line += printable(plain(one))
  }
  return colored ? `${line}\u001B[0m` : line
}

/** Makes text from outside harmless on a terminal: control characters become visible. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The part of a token that a page shows: text, line breaks and tabs. */
function plain(one: Token): string {
  if (one.type === 'text') return one.text
  return one.type === 'control' && /[\n\t]/.test(one.char) ? one.char : ''
}

/** A progress line that rewrote itself shows what it said last. */
function withLastRewrites(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .join('\n')
}

function push(spans: Span[], text: string, pen: Pen): void {
  if (text === '') return
  const classes = classesOf(pen)
  const before = spans.at(-1)
  if (before?.classes === classes) before.text += text
  else spans.push({ text, classes })
}

export function classesOf({ bold, dim, italic, underline, inverse, color, back }: Pen): string {
  return [
    bold && 'bold',
    dim && 'dim',
    italic && 'italic',
    underline && 'underline',
    inverse && 'inverse',
    color,
    back && `on-${back}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** The pen after the codes of one `SGR` sequence, such as `1;32`. */
export function styled(pen: Pen, codes: string): Pen {
  const list = codes === '' ? [0] : codes.split(/[;:]/).map(Number)
  let next = pen
  for (let at = 0; at < list.length; at++) {
    const code = list[at] ?? 0
    if (code === 38 || code === 48) {
      const wide = list[at + 1] === 5
      const color = wide ? indexed(list[at + 2] ?? 7) : nearest(list.slice(at + 2).slice(-3))
      next = code === 38 ? { ...next, color } : { ...next, back: color }
      at += wide ? 2 : list.length
    } else next = simple(next, code)
  }
  return next
}

function simple(pen: Pen, code: number): Pen {
  if (code === 0) return blank
  if (code === 1) return { ...pen, bold: true }
  if (code === 2) return { ...pen, dim: true }
  if (code === 3) return { ...pen, italic: true }
  if (code === 4) return { ...pen, underline: true }
  if (code === 7) return { ...pen, inverse: true }
  if (code === 22) return { ...pen, bold: false, dim: false }
  if (code === 23) return { ...pen, italic: false }
  if (code === 24) return { ...pen, underline: false }
  if (code === 27) return { ...pen, inverse: false }
  if (code === 39) return { ...pen, color: '' }
  if (code === 49) return { ...pen, back: '' }
  if (code >= 30 && code <= 37) return { ...pen, color: names[code - 30] ?? '' }
  if (code >= 40 && code <= 47) return { ...pen, back: names[code - 40] ?? '' }
  if (code >= 100 && code <= 107) return { ...pen, back: names[code - 100] ?? '' }
  if (code >= 90 && code <= 97) return { ...pen, color: names[code - 90] ?? '' }
  return pen
}

function indexed(code: number): string {
  if (code < 16) return names[code % 8] ?? ''
  if (code >= 232) return ''
  const cube = code - 16
  return nearest([Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51])
}

function nearest(rgb: number[]): string {
  const bits = rgb.map((part) => (part > 127 ? 1 : 0))
  return names[(bits[0] ?? 0) + (bits[1] ?? 0) * 2 + (bits[2] ?? 0) * 4] ?? ''
}
