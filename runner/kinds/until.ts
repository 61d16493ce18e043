import { duration } from '../model/steps/common-params.ts'
import { formatDuration } from '../model/values/duration.ts'
import { result } from './kind.ts'
import type { Result, StepContext } from './kind.ts'

/** The attributes of a step that may look again until it holds. */
export const untilParams = {
  until: duration
    .optional()
    .describe('How long to keep looking until it holds, such as 5m. Default: look once.'),
  interval: duration
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
    const found = await look(time)
    if (signal.aborted && found.status !== 'passed') return { ...found, status: 'cancelled' }
    const again = found.status === 'failed' || found.status === 'timeout'
    const spent = clock.monotonic() - began
    if (until === undefined || !again)
      return time === 1 ? found : { ...found, message: `${found.message}, at look ${time}` }
    if (spent + interval >= until) return { ...found, message: gaveUp(found.message, time, until) }
    await clock.sleep(interval)
    if (signal.aborted) return result('cancelled', `was stopped after ${time} looks`, { data: found.data })
  }
}

function gaveUp(message: string, time: number, until: number): string {
  const looks = time === 1 ? 'one look' : `${time} looks`
  return `${message}, and did not hold within ${formatDuration(until)} (${looks})`
}
