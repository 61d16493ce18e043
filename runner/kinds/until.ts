import { duration } from '../model/steps/common-params.ts'
import { formatDuration } from '../model/values/duration.ts'
import { result } from './kind.ts'
import type { Result, StepContext } from './kind.ts'

/** The attributes of a step that may look again until it holds. */
export const untilParams = {
  until: duration()
    .optional()
    .describe('How long to keep looking until it holds, such as 5m. Default: look once.'),
  interval: duration()
    .default(5000)
    .describe('Time from the end of one look to the next, with `until`. Default: 5s.'),
}

export type UntilParams = { until?: number | undefined; interval: number }

/** Looks once, or again and again until it passes or the time is over; the last look is the result. */
export async function lookUntil(
  { until, interval }: UntilParams,
  context: StepContext,
  look: (time: number) => Promise<Result>,
): Promise<Result> {
  const { clock, signal } = context
  const began = clock.monotonic()
  for (let time = 1; ; time++) {
    const outcome = await look(time)
    if (signal.aborted && outcome.status !== 'passed') return { ...outcome, status: 'cancelled' }
    const again = outcome.status === 'failed' || outcome.status === 'timeout'
    const spent = clock.monotonic() - began
    if (until === undefined || !again)
      return time === 1 ? outcome : { ...outcome, message: `${outcome.message}, at look ${time}` }
    if (spent + interval >= until) return { ...outcome, message: gaveUp(outcome.message, time, until) }
    await clock.sleep(interval)
    if (signal.aborted) return result('cancelled', `was stopped after ${time} looks`, { data: outcome.data })
  }
}

function gaveUp(message: string, time: number, until: number): string {
  const looks = time === 1 ? 'one look' : `${time} looks`
  return `${message}, and did not hold within ${formatDuration(until)} (${looks})`
}
