import { createHash } from 'node:crypto'
import { type Color, type Weights, otherColor } from '../lab-model.ts'

/** The facts that decide a color. */
export interface Choice {
  weights: Weights
  ready(color: Color): boolean
  /** True for a color that must get nothing although it has weight: the injected fault `no-traffic`. */
  withheld(color: Color): boolean
}

/**
 * The colors to try for one request, best first: chosen by weight, then the other one that has weight.
 * A color without weight never takes over by itself, so an outage stays visible and rolling back stays a decision.
 * @param point position in [0, 1): one after the other, or from {@link userPoint} so that a user keeps a color
 */
export function candidates(choice: Choice, point: number): Color[] {
  const { weights } = choice
  const first: Color = point * (weights.blue + weights.green) < weights.green ? 'green' : 'blue'
  const order: Color[] = [first, otherColor(first)]
  const weighted = order.filter((color) => weights[color] > 0)
  const usable = weighted.filter((color) => choice.ready(color) && !choice.withheld(color))
  if (usable.length > 0 || !weighted.some((color) => choice.withheld(color))) return usable
  return order.filter((color) => choice.ready(color) && !choice.withheld(color))
}

/** The fixed position of a user in [0, 1). Low positions get green first, so a user on green stays there as its weight grows. */
export function userPoint(user: string): number {
  return createHash('sha256').update(user).digest().readUInt32BE(0) / 2 ** 32
}

/** The user of a request: the header `x-user-id`, else the cookie `user`. */
export function userOf(headers: {
  'x-user-id'?: string | string[] | undefined
  cookie?: string | undefined
}): string | undefined {
  const header = headers['x-user-id']
  if (typeof header === 'string' && header !== '') return header
  return /(?:^|;\s*)user=([^;]+)/.exec(headers.cookie ?? '')?.[1]
}
