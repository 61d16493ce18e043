import { requestJson } from '../../lib/ask-json.ts'
import { waitFor } from '../../lib/wait.ts'

const CONNECTIONS = 8

/**
 * Asks a running program until it gives nobody of these users the feature: a file that is written is not yet a
 * feature that is off. The address answers `{"<flag>": true}` for the user in the header `x-user-id`.
 * @param limitMs milliseconds until it stops asking
 * @returns milliseconds since `since` of the first round in which nobody was on; undefined when the time was over
 */
export async function untilOff(
  url: string,
  key: string,
  users: readonly string[],
  since: number,
  limitMs: number,
): Promise<number | undefined> {
  const end = performance.now() + limitMs
  return await waitFor(
    async () => {
      const on = await countOn(url, key, users, end)
      return on === 0 ? Math.round(performance.now() - since) : undefined
    },
    limitMs,
    20,
  )
}

/** How many of these users a running program gives the feature. `end`: when it must have answered. */
async function countOn(url: string, key: string, users: readonly string[], end: number): Promise<number> {
  const queue = users.values()
  let on = 0
  const work = async (): Promise<void> => {
    for (const user of queue) {
      const left = Math.max(1, Math.ceil(end - performance.now()))
      const { body } = await requestJson('GET', `${url}?user=${encodeURIComponent(user)}`, { limitMs: left })
      if (body[key] === true) on++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return on
}
