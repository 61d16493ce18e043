import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import type { FlagContext, FlagProvider } from './flag-model.ts'

/** How many users a change is proved with. */
const USERS = 10_000

/** The result of 10,000 evaluations after a change. */
export interface Proof {
  users: number
  on: number
  /** Users who were on before and are not now. */
  lost: number
  /** The most that chance explains, in users. */
  tolerance: number
}

/** The users a change is proved with, always the same ones. */
export function sampleUsers(count = USERS): FlagContext[] {
  return Array.from({ length: count }, (_, index) => ({ targetingKey: `user-${index}` }))
}

/** Who of the sample has a feature. */
export async function evaluateSample(
  provider: FlagProvider,
  key: string,
  environment: string,
): Promise<boolean[]> {
  const evaluations = await provider.evaluate(key, environment, sampleUsers())
  return evaluations.map(({ on }) => on)
}

/**
 * Three standard deviations of a share of `count` users, in users, and at least three users: a share of less than one
 * user is not spread evenly. At 0 and 100 % there is no chance in it.
 * @internal
 */
export function tolerance(percentage: number, count = USERS): number {
  const share = percentage / 100
  return share === 0 || share === 1 ? 0 : Math.max(3, 3 * Math.sqrt(count * share * (1 - share)))
}

/**
 * Compares what users get now with what was asked for and with what they got before.
 * @param named users of the sample who are on whatever the percentage
 * @throws {CliError} when the share is off by more than chance, or when users were lost although the share grew
 */
export function prove(
  before: readonly boolean[],
  after: readonly boolean[],
  percentage: number,
  named = 0,
): Proof {
  const on = after.filter(Boolean).length
  const lost = before.filter((was, index) => was && after[index] === false).length
  const proof = { users: after.length, on, lost, tolerance: tolerance(percentage, after.length) }
  const expected = (after.length * percentage) / 100
  if (on < expected - proof.tolerance || on > expected + proof.tolerance + named)
    throw new CliError(
      exit.failed,
      `The flag is not on for ${percentage} % of the users: it is on for ${on} of ${after.length}; chance explains ${Math.round(expected - proof.tolerance)} to ${Math.round(expected + proof.tolerance)}`,
      'Look at the flag: its rules may have been changed by hand.',
    )
  if (lost > 0 && on >= before.filter(Boolean).length)
    throw new CliError(
      exit.failed,
      `${lost} users lost the feature while its share grew: its buckets have another seed or another order than before`,
      'Restore the flag, and set the percentage with this program only.',
    )
  return proof
}

/** One line about a proof. */
export function proofText({ users, on, lost }: Proof): string {
  const share = ((on / users) * 100).toFixed(2)
  return `on for ${on} of ${users} users (${share} %), ${lost} of those before lost it`
}
