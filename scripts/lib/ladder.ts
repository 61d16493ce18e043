import { usageFailure } from './failure.ts'
import { suggestion } from './suggest.ts'

/** Stages by name: the share of the traffic in percent at each. */
export const STRATEGIES: Record<string, readonly number[]> = {
  instant: [100],
  'canary-10': [10, 50, 100],
  'canary-50': [50, 100],
  'canary-90': [90, 100],
}

/** The stages of a strategy, or those of a ladder such as `5,25,100`: strictly rising, up to 100. @throws {Failure} usage */
export function ladderOf(text: string): readonly number[] {
  const named = Object.hasOwn(STRATEGIES, text) ? STRATEGIES[text] : undefined
  if (named !== undefined) return named
  if (!/^\d/.test(text))
    throw usageFailure(
      `Unknown strategy "${text}".`,
      'It has no stages.',
      suggestion(text, Object.keys(STRATEGIES)),
    )
  const ladder = text.split(',').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN))
  const rising = ladder.every((share, index) => share > (ladder[index - 1] ?? 0) && share <= 100)
  if (rising && ladder.at(-1) === 100) return ladder
  throw usageFailure(
    `Unexpected ladder "${text}".`,
    'Expected whole percentages that rise strictly and end at 100.',
    'Write it as 10,25,50,100.',
  )
}
