import { expect, test } from 'vitest'
import { waitFor } from './wait.ts'

/** Asks every five seconds, for 150, what is ready after so many seconds. A clock that only the waiting moves. */
async function startsAfter(seconds: number): Promise<{ ready: boolean; gaveUpAt: number; asked: number }> {
  let now = 0
  let asked = 0
  const pace = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) }
  const ask = (): true | undefined => {
    asked += 1
    return now >= seconds * 1000 || undefined
  }
  const ready = await waitFor(ask, 150_000, 5000, pace)
  return { ready: ready === true, gaveUpAt: now / 1000, asked }
}

test('a start that is ready in the last moment counts, and one that is not fails at 150 seconds', async () => {
  expect(await startsAfter(150)).toEqual({ ready: true, gaveUpAt: 150, asked: 31 })
  expect(await startsAfter(151)).toEqual({ ready: false, gaveUpAt: 150, asked: 31 })
})

test('what answers at once is asked once', async () => {
  expect(await startsAfter(0)).toEqual({ ready: true, gaveUpAt: 0, asked: 1 })
})
