import { describe, test } from 'vitest'
import { strace, strikeCall } from '../support/attack/survive-traced.ts'
import { each, say, upTo } from '../support/attack/two-at-a-time.ts'

describe.skipIf(!strace)('under strace', { timeout: 3_600_000 }, () => {
  // Counted in each process by itself: the n-th call of the runner, and the n-th of its shim.
  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
    ['rename', 16],
    ['clone', 14],
  ])('SIGKILL at every %s', async (call, count) => {
    const battle = await each(upTo(count), (n) => strikeCall(`${call}:signal=KILL:when=${n}`))
    say(call, battle)
  })

  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
  ])('EIO at every %s: never a wrong success, and resumable', async (call, count) => {
    const battle = await each(upTo(count), (n) => strikeCall(`${call}:error=EIO:when=${n}`))
    say(`${call} EIO`, battle)
  })
})
