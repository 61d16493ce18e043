import type { FlagContext } from './flag-context.ts'
import { flagEvaluator } from './flag-evaluator.ts'

/** Shares are counted in thousandths of a percent, as the services count them. */
const WHOLE = 100_000

// The buckets of flagd, with the flag and the weights from the context: one document for every flag and every share.
const buckets = flagEvaluator(
  JSON.stringify({
    flags: {
      share: {
        state: 'ENABLED',
        variants: { in: true, out: false },
        defaultVariant: 'out',
        targeting: {
          fractional: [
            { cat: [{ var: 'flag' }, { var: 'targetingKey' }] },
            ['in', { var: 'within' }],
            ['out', { var: 'beyond' }],
          ],
        },
      },
    },
  }),
)

/**
 * Whether a user is among the first `percent` of the users of a flag, 0 to 100 in thousandths. They are the users to whom
 * the program of flags gives it, and each of them is among the first of every larger share.
 * @throws {RangeError} for a share outside 0 to 100
 */
export function isAmongFirst(flag: string, { targetingKey }: FlagContext, percent: number): boolean {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`${percent} is not a share from 0 to 100`)
  const within = Math.round((percent * WHOLE) / 100)
  return buckets.resolve('share', false, { flag, targetingKey, within, beyond: WHOLE - within }).value
}
