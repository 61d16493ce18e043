import { blank, openSequence, styled, tokens } from '../../../runner/model/text/ansi.ts'
import type { Pen } from '../../../runner/model/text/ansi.ts'

export interface Cell {
  char: string
  pen: Pen
}

export interface Terminal {
  /** Takes in what a program printed. */
  write(text: string): void
  resize(columns: number, rows: number): void
  /** The lines on the screen now. */
  screen(): readonly (readonly Cell[])[]
}

const empty: Cell = { char: ' ', pen: blank }
/**
 * A screen that understands what programs commonly print: cursor moves, erasing, scrolling, colors, the alternate
 * screen. It ignores unknown sequences; it never answers, and it draws only characters.
 */
export function makeTerminal(columns: number, rows: number): Terminal {
  let lines = blankLines(rows, columns)
  let [x, y] = [0, 0]
  let pen = blank
  let saved = { x: 0, y: 0, pen: blank }
  let main: typeof lines | undefined
  let [top, bottom] = [0, rows - 1]
  let rest = ''

  const row = (): Cell[] => (lines[y] ??= blankLine(columns))
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most)

  function scroll(count: number, from = top): void {
    for (let n = 0; n < Math.min(Math.abs(count), rows); n++) {
      if (count > 0) {
        lines.splice(from, 1)
        lines.splice(bottom, 0, blankLine(columns))
      } else {
        lines.splice(bottom, 1)
        lines.splice(from, 0, blankLine(columns))
      }
    }
  }

  function lineFeed(): void {
    if (y === bottom) scroll(1)
    else y = clamp(y + 1, rows - 1)
  }

  function put(char: string): void {
    if (x >= columns) {
      x = 0
      lineFeed()
    }
    row()[x++] = { char, pen }
  }

  function control(char: string): void {
    if (char === '\n' || char === '\u000B' || char === '\u000C') lineFeed()
    else if (char === '\r') x = 0
    else if (char === '\b') x = clamp(Math.min(x, columns - 1) - 1, columns - 1)
    else if (char === '\t') x = clamp((Math.floor(x / 8) + 1) * 8, columns - 1)
  }

  function short(code: string): void {
    if (code === '7') saved = { x, y, pen }
    else if (code === '8') ({ x, y, pen } = saved)
    else if (code === 'D' || code === 'E') {
      if (code === 'E') x = 0
      lineFeed()
    } else if (code === 'M') {
      if (y === top) scroll(-1)
      else y = clamp(y - 1, rows - 1)
    } else if (code === 'c') reset()
  }

  function reset(): void {
    lines = blankLines(rows, columns)
    ;[x, y, pen, top, bottom, main] = [0, 0, blank, 0, rows - 1, undefined]
  }

  function mode(codes: string, on: boolean): void {
    if (!codes.split(';').some((code) => ['47', '1047', '1049'].includes(code))) return
    if (on && !main) {
      main = lines
      saved = { x, y, pen }
      lines = blankLines(rows, columns)
    } else if (!on && main) {
      lines = main
      main = undefined
      ;({ x, y, pen } = saved)
    }
  }

  function sequence(mark: string, codes: string, final: string): void {
    if (mark === '?') {
      if (final === 'h' || final === 'l') mode(codes, final === 'h')
      return
    }
    if (mark !== '') return
    if (final === 'm') {
      pen = styled(pen, codes)
      return
    }
    const [first = 0, second = 0] = codes.split(';').map(Number)
    const count = Math.max(1, first)
    moves[final]?.(count, first, second)
  }

  const moves: Record<string, (count: number, first: number, second: number) => void> = {
    A: (count) => (y = clamp(y - count, rows - 1)),
    B: (count) => (y = clamp(y + count, rows - 1)),
    C: (count) => (x = clamp(x + count, columns - 1)),
    D: (count) => (x = clamp(Math.min(x, columns - 1) - count, columns - 1)),
    E: (count) => ([x, y] = [0, clamp(y + count, rows - 1)]),
    F: (count) => ([x, y] = [0, clamp(y - count, rows - 1)]),
    G: (count) => (x = clamp(count - 1, columns - 1)),
    H: (count, _, second) => ([x, y] = [clamp((second || 1) - 1, columns - 1), clamp(count - 1, rows - 1)]),
    J: (_, first) => eraseScreen(first),
    K: (_, first) => eraseLine(first),
    L: (count) => void (y >= top && y <= bottom && scroll(-count, y)),
    M: (count) => void (y >= top && y <= bottom && scroll(count, y)),
    P: (count) => {
      row().splice(x, Math.min(count, columns))
      lines[y] = fitted(row(), columns)
    },
    '@': (count) => {
      row().splice(x, 0, ...blankLine(Math.min(count, columns)))
      lines[y] = fitted(row(), columns)
    },
    X: (count) => erase(row(), x, x + count),
    S: (count) => scroll(count),
    T: (count) => scroll(-count),
    d: (count) => (y = clamp(count - 1, rows - 1)),
    r: (count, _, second) => {
      top = clamp(count - 1, rows - 1)
      bottom = clamp((second || rows) - 1, rows - 1)
      if (top >= bottom) [top, bottom] = [0, rows - 1]
      ;[x, y] = [0, 0]
    },
    s: () => (saved = { x, y, pen }),
    u: () => ({ x, y, pen } = saved),
  }

  function eraseLine(part: number): void {
    erase(row(), part === 0 ? x : 0, part === 1 ? x + 1 : columns)
  }

  function eraseScreen(part: number): void {
    if (part < 2) eraseLine(part)
    for (let at = 0; at < rows; at++) {
      if (part >= 2 || (part === 0 ? at > y : at < y)) lines[at] = blankLine(columns)
    }
  }

  return {
    write(text) {
      const whole = rest + text
      // A sequence may be cut between two events of a recording.
      const open = openSequence(whole)
      rest = open.length < 4096 ? open : ''
      for (const one of tokens(whole.slice(0, whole.length - rest.length))) {
        if (one.type === 'text') for (const char of one.text) put(char)
        else if (one.type === 'control') control(one.char)
        else if (one.type === 'sequence') sequence(one.mark, one.codes, one.final)
        else if (one.type === 'escape') short(one.code)
      }
    },
    resize(width, height) {
      columns = width
      lines = Array.from({ length: height }, (_, at) => fitted(lines[at] ?? [], width))
      ;[rows, x, y, top, bottom] = [height, clamp(x, width - 1), clamp(y, height - 1), 0, height - 1]
    },
    screen: () => lines.slice(0, rows),
  }
}

function blankLine(columns: number): Cell[] {
  return Array.from({ length: columns }, () => empty)
}

function erase(line: Cell[], from: number, to: number): void {
  for (let at = from; at < Math.min(to, line.length); at++) line[at] = empty
}

function blankLines(rows: number, columns: number): Cell[][] {
  return Array.from({ length: rows }, () => blankLine(columns))
}

function fitted(line: readonly Cell[], columns: number): Cell[] {
  return [...line, ...blankLine(columns)].slice(0, columns)
}
