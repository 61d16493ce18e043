/** The quantity of a number. Two numbers are compared only when they measure the same. */
type Dimension = 'number' | 'ratio' | 'seconds' | 'bytes' | 'per second' | 'bytes per second'

export interface Unit {
  /** As written, such as `ms`; empty for a plain number. */
  text: string
  dimension: Dimension
  /** How many base units (1, ratio, s, B, 1/s, B/s) it is. */
  factor: number
}

const simple: Record<string, [Dimension, number]> = {
  '': ['number', 1],
  '%': ['ratio', 0.01],
  percent: ['ratio', 0.01],
  ratio: ['ratio', 1],
  ns: ['seconds', 1e-9],
  us: ['seconds', 1e-6],
  µs: ['seconds', 1e-6],
  ms: ['seconds', 1e-3],
  s: ['seconds', 1],
  m: ['seconds', 60],
  h: ['seconds', 3600],
  B: ['bytes', 1],
  kB: ['bytes', 1e3],
  MB: ['bytes', 1e6],
  GB: ['bytes', 1e9],
  TB: ['bytes', 1e12],
  KiB: ['bytes', 2 ** 10],
  MiB: ['bytes', 2 ** 20],
  GiB: ['bytes', 2 ** 30],
  TiB: ['bytes', 2 ** 40],
}

const perSecond: Partial<Record<Dimension, Dimension>> = {
  number: 'per second',
  bytes: 'bytes per second',
  seconds: 'ratio',
}

/** The unit a text names, such as `ms`, `%` or `MB/s`; undefined when there is none of that name. */
export function unitNamed(text: string): Unit | undefined {
  const rate = text.endsWith('/s')
  const entry = Object.entries(simple).find(([name]) => name === (rate ? text.slice(0, -2) : text))
  if (!entry) return undefined
  const [dimension, factor] = entry[1]
  const measured = rate ? perSecond[dimension] : dimension
  return measured && { text, dimension: measured, factor }
}

/** The unit of what changes per second when the unit is counted. */
export function rateOf({ dimension, factor }: Unit): Unit | undefined {
  const measured = perSecond[dimension]
  return measured && { text: '', dimension: measured, factor }
}

/** An amount with its unit, such as `1%`, `1000ms` or `20 MB/s`. */
export function parseAmount(amount: string | number): { value: number; unit: Unit } | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)\s*(\S*)$/.exec(String(amount).trim())
  const unit = match && unitNamed(match[2] ?? '')
  return unit ? { value: Number(match[1]), unit } : undefined
}

const suffixes: readonly [RegExp, string][] = [
  [/_seconds$/, 's'],
  [/_(milliseconds|ms)$/, 'ms'],
  [/_microseconds$/, 'us'],
  [/_nanoseconds$/, 'ns'],
  [/_bytes$/, 'B'],
  [/_kibibytes$/, 'KiB'],
  [/_mebibytes$/, 'MiB'],
  [/_ratio$/, 'ratio'],
  [/_percent$/, '%'],
]

/** The unit a metric's name ends in by convention, or undefined when it says none. */
export function unitOfName(name: string): Unit | undefined {
  const stem = name.replace(/_(total|bucket|sum|count)$/, '')
  const entry = suffixes.find(([suffix]) => suffix.test(stem))
  return entry && unitNamed(entry[1])
}

/** Writes a value of the base unit in a unit, with four significant digits: `0.43 %`, `812 ms`, `3`. */
export function formatIn(value: number, { text, factor }: Unit): string {
  const amount = value / factor
  const digits = Number.isFinite(amount) ? String(Number(amount.toPrecision(4))) : String(amount)
  return text === '' || text === 'ratio' ? digits : `${digits} ${text}`
}
