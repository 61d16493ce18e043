import { setTimeout as sleep } from 'node:timers/promises'
import { Away } from './refusals.ts'

/** Time before a database that is away is asked again, in milliseconds. */
export const againMs = 1000

/** Tries again while the database is away, and says so once. Undefined once it is stopped. */
export async function patiently<T>(
  say: (words: string) => void,
  body: () => Promise<T>,
  stop: AbortSignal,
): Promise<T | undefined> {
  for (let told = false; !stop.aborted; told = true)
    try {
      return await body()
    } catch (error) {
      if (!(error instanceof Away)) throw error
      if (!told) say(error.message)
      await sleep(againMs)
    }
  return undefined
}
