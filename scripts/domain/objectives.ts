import { type Unit, parseAmount } from '../../runner/kinds/gate/units.ts'

/** One objective. A value at its limit is met: `200 ms` allows 200 and not 201. */
export interface Objective {
  name: string
  /** `below`: a maximum, such as a duration. `above`: a minimum, such as a throughput. */
  side: 'below' | 'above'
  /** With its unit, such as `200ms`, `20 MB/s` or `10 MB`. */
  limit: string
}

/** The result for one objective. */
export interface Judged {
  name: string
  ok: boolean
  detail: string
}

/** Values of an earlier run that passed, by name. */
export type Passing = Readonly<Record<string, string>>

/** A number with its unit; undefined when it is none. */
export function parseValue(text: string): { value: number; unit: Unit } | undefined {
  return parseAmount(text)
}

/**
 * Holds every objective against what was measured: its limit, and the mean of earlier passing runs.
 * @param slack how much worse than that mean is allowed, as a share; 0.1 for 10 %
 */
export function judge(
  objectives: readonly Objective[],
  measured: ReadonlyMap<string, string>,
  passing: readonly Passing[],
  slack: number,
): Judged[] {
  return objectives.map((objective) => {
    const text = measured.get(objective.name)
    if (text === undefined) return { name: objective.name, ok: false, detail: 'was not measured' }
    return { name: objective.name, ...judgeOne(objective, text, passing, slack) }
  })
}

function judgeOne(
  { name, side, limit }: Objective,
  text: string,
  passing: readonly Passing[],
  slack: number,
): Omit<Judged, 'name'> {
  const value = inBase(text)
  const bound = inBase(limit)
  if (value === undefined || bound === undefined || value.dimension !== bound.dimension)
    return { ok: false, detail: `${text} cannot be compared with ${limit}: they have different units` }
  const words = side === 'below' ? 'at most' : 'at least'
  if (worse(side, value.amount, bound.amount))
    return { ok: false, detail: `${text}, expected ${words} ${limit}` }
  const earlier = passing.flatMap((run) => inBase(run[name] ?? '')?.amount ?? [])
  if (earlier.length === 0) return { ok: true, detail: `${text}, ${words} ${limit}` }
  const mean = earlier.reduce((sum, one) => sum + one, 0) / earlier.length
  const allowed = mean * (side === 'below' ? 1 + slack : 1 - slack)
  const change = `${percent(value.amount / mean - 1)} against the last ${earlier.length} passing`
  if (worse(side, value.amount, allowed))
    return { ok: false, detail: `${text} is within ${limit}, but ${change}, more than ${percent(slack)}` }
  return { ok: true, detail: `${text}, ${words} ${limit}; ${change}` }
}

function worse(side: Objective['side'], value: number, limit: number): boolean {
  return side === 'below' ? value > limit : value < limit
}

function inBase(text: string): { amount: number; dimension: string } | undefined {
  const read = parseAmount(text)
  return read && { amount: read.value * read.unit.factor, dimension: read.unit.dimension }
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${Number((share * 100).toFixed(1))} %`
}
