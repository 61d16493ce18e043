import { fetchByProxy } from '../../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'

const LIMIT_MS = 10_000

/** Calls an address `calls` times, one after the other, and returns how long each took in milliseconds. @throws {CliError} */
export async function timeCalls(url: string, calls: number): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < calls; call++) {
    const started = performance.now()
    const response = await fetchByProxy(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(
      (error: unknown) => {
        throw new CliError(
          exit.failed,
          `Call ${call + 1} of ${url} got no answer: ${messageOf(error)}`,
          'Check that it runs.',
        )
      },
    )
    await response.arrayBuffer()
    if (!response.ok)
      throw new CliError(
        exit.failed,
        `Call ${call + 1} of ${url} answered ${response.status}: the time of a failed call says nothing`,
        'Look at the output of the service.',
      )
    times.push(performance.now() - started)
  }
  return times
}

/** The value that the share `q` of the values does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}
