import { describe, expect, test } from 'vitest'
import { effectsOf, steps, survive, twelve } from '../support/attack.ts'
import type { Battle } from '../support/attack.ts'
import { strace, traced } from '../support/survive-traced.ts'
import { each, say, upTo } from '../support/two-at-a-time.ts'
import { workspace } from '../support/workspace.ts'

if (!strace) process.stderr.write('SKIPPED: strace is not installed; kills at system calls are not tested\n')

async function strike(inject: string): Promise<Battle> {
  using space = workspace({ 'content/runbooks/twelve.mdx': twelve })
  const battle = await survive(space, 'twelve', [(args) => traced(space.root, inject, args)])
  expect(effectsOf(space.root), `${inject}: each effect once, in order (I2)`).toEqual(steps)
  return battle
}

describe.skipIf(!strace)('under strace', { timeout: 3_600_000 }, () => {
  // Counted in each process by itself: the n-th call of the runner, and the n-th of its shim.
  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
    ['rename', 16],
    ['clone', 14],
  ])('SIGKILL at every %s', async (call, count) => {
    const battle = await each(upTo(count), (n) => strike(`${call}:signal=KILL:when=${n}`))
    say(call, battle)
  })

  test.each([
    ['fdatasync', 22],
    ['fsync', 18],
  ])('EIO at every %s: never a wrong success, and resumable', async (call, count) => {
    const battle = await each(upTo(count), (n) => strike(`${call}:error=EIO:when=${n}`))
    say(`${call} EIO`, battle)
  })
})
