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

/**
 * Terminal output as text with classes: colors of the 16 are kept, richer ones take the nearest of them, and every
 * other control sequence (titles, cursor moves, links' targets) is dropped, so that output can only ever be read.
 */
export function ansiSpans(raw: string): Span[] {
  const text = overwritten(withoutControls(raw))
  const spans: Span[] = []
  let pen = blank
  let from = 0
  for (const match of text.matchAll(style)) {
    push(spans, text.slice(from, match.index), pen)
    pen = styled(pen, match[1] ?? '')
    from = match.index + match[0].length
  }
  push(spans, text.slice(from), pen)
  return spans
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

const escape = '\u001B'
const string = new RegExp(String.raw`${escape}[\]PX^_][^\u0007${escape}]*(?:\u0007|${escape}\\|$)`, 'g')
const sequence = new RegExp(String.raw`${escape}\[[\d;:?<=>]*[ -/]*[@-ln-~]`, 'g')
const other = new RegExp(String.raw`${escape}(?!\[[\d;:]*m)[ -~]?`, 'g')
const style = new RegExp(String.raw`${escape}\[([\d;:]*)m`, 'g')
const control = new RegExp(String.raw`[\u0000-\u0008\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F]`, 'g')

function withoutControls(text: string): string {
  return text.replaceAll(string, '').replaceAll(sequence, '').replaceAll(other, '').replaceAll(control, '')
}

/** A progress line that rewrote itself shows what it said last. */
function overwritten(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .join('\n')
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
