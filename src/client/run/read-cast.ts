/** One event of a recording; `at` counts seconds from its start, long pauses cut short. */
interface Moment {
  at: number
  code: string
  data: string
}

export interface Cast {
  columns: number
  rows: number
  moments: Moment[]
  /** In seconds, as it is played. */
  length: number
}

/** Longest pause that is played, in seconds. */
const longestPause = 2
const most = { columns: 400, rows: 200 }

/** Reads asciicast v3: a line with the terminal's size, then `[seconds since the one before, code, data]`. Throws a TypeError for anything else. */
export function readCast(text: string): Cast {
  const [first = '', ...lines] = text.split('\n')
  const header = parsed(first) as { version?: unknown; term?: { cols?: unknown; rows?: unknown } } | undefined
  const { cols, rows } = header?.term ?? {}
  if (header?.version !== 3 || !isSize(cols, most.columns) || !isSize(rows, most.rows))
    throw new TypeError('this recording is not asciicast v3')
  const moments: Moment[] = []
  let at = 0
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue
    const event = parsed(line)
    // The last line of a recording that was cut off is not an event.
    if (!Array.isArray(event)) continue
    const [pause, code, data] = event as unknown[]
    if (typeof pause !== 'number' || typeof code !== 'string' || typeof data !== 'string') continue
    at += Math.min(Math.max(pause, 0), longestPause)
    moments.push({ at, code, data })
  }
  return { columns: cols, rows, moments, length: at }
}

function isSize(value: unknown, largest: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= largest
}

/** The size of an `r` event, such as `90x30`; undefined for one that cannot be. */
export function sizeOf(data: string): [columns: number, rows: number] | undefined {
  const [, columns, rows] = /^(\d{1,3})x(\d{1,3})$/.exec(data)?.map(Number) ?? []
  return isSize(columns, most.columns) && isSize(rows, most.rows) ? [columns, rows] : undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
