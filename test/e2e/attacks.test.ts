import { describe, expect, test } from 'vitest'
import { canFill, fullAt } from '../support/full-disk.ts'
import { race } from '../support/race.ts'
import { strace, strikeCall } from '../support/survive-traced.ts'

// The short forms of test/torture: the same attacks, few of each.

test.each([0, 1, 2])('race %i for one run or one key has exactly one winner', async (round) => {
  await race(round)
})

test.skipIf(!canFill).each([24, 120])(
  'a disk with %i kB left: no wrong success, and resumable',
  async (level) => {
    expect((await fullAt(level)).stopped).toBe(true)
  },
)

describe.skipIf(!strace)('under strace', () => {
  test.each([
    'fdatasync:signal=KILL:when=5',
    'rename:signal=KILL:when=4',
    'clone:signal=KILL:when=6',
    'fdatasync:error=EIO:when=7',
  ])('%s: each effect once', async (inject) => {
    await strikeCall(inject)
  })

  test('a shim that dies over the receipt has told how the step ended: nobody is asked', async () => {
    expect((await strikeCall('rename:signal=KILL:when=5')).asked).toBe(0)
  })
})
