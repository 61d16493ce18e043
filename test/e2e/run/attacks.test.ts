import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canFill, fullAt } from '../../support/attack/full-disk.ts'
import { race } from '../../support/attack/race.ts'
import { strace, strikeCall, traced } from '../../support/attack/survive-traced.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

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

  test('what is about to happen is on the disk before it does, not only in memory', async () => {
    using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'touch done-by-a')) })
    const calls = 'trace=write,pwrite64,fdatasync,execve'
    const ran = await traced(space.root, ['-o', 'calls', '-s', '4000', '-e', calls], ['exec', 'r', '--yes'])
    expect(ran.code, ran.stderr).toBe(0)
    const lines = readFileSync(join(space.root, 'calls'), 'utf8').split('\n')
    const intent = lines.findIndex((line) => /write.*step-started/.test(line))
    const file = /write(?:64)?\((\d+)/.exec(lines[intent] ?? '')?.[1]
    const synced = lines.findIndex((line, at) => at > intent && line.includes(`fdatasync(${file}`))
    const effect = lines.findIndex((line) => /execve.*"touch", "done-by-a"/.test(line))
    expect([intent > 0, synced > intent, effect > synced]).toEqual([true, true, true])
  })

  test('a shim that dies over the receipt has told how the step ended: nobody is asked', async () => {
    expect((await strikeCall('rename:signal=KILL:when=5')).asked).toBe(0)
  })
})
