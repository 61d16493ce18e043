import type { ValueType } from '../../runner/kit/types.ts'
import { failure, success } from '../../runner/model/problem.ts'
import { suggestion } from '../../runner/model/suggest.ts'

/** Stages by name: the share of the traffic in percent at each. */
export const STRATEGIES: Record<string, readonly number[]> = {
  instant: [100],
  'canary-10': [10, 50, 100],
  'canary-50': [50, 100],
  'canary-90': [90, 100],
}

/** The stages of a strategy, or those of a ladder such as `5,25,100`: strictly rising, up to 100. */
export const ladder: ValueType<readonly number[]> = {
  form: 'strategy',
  words: Object.keys(STRATEGIES),
  read(text) {
    const named = Object.hasOwn(STRATEGIES, text) ? STRATEGIES[text] : undefined
    if (named !== undefined) return success(named)
    if (!/^\d/.test(text))
      return failure('a strategy or a ladder', { hint: suggestion(text, Object.keys(STRATEGIES)) })
    const stages = text.split(',').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN))
    const rising = stages.every((share, index) => share > (stages[index - 1] ?? 0) && share <= 100)
    if (rising && stages.at(-1) === 100) return success(stages)
    return failure('whole percentages that rise strictly and end at 100, such as 10,25,50,100')
  },
}
