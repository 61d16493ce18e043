import { expect, test } from 'vitest'
import { sweep } from '../support/attack/every-kill.ts'
import type { Struck } from '../support/attack/every-kill.ts'

test.concurrent.each<[Struck]>([['exec'], ['resume'], ['close'], ['export']])(
  '%s is killed at every change it makes: an audit of the finished run finds nothing',
  { timeout: 7_200_000 },
  async (struck) => {
    const { moments, kills, named } = await sweep(struck)
    process.stdout.write(
      `${struck}: ${moments} moments, ${kills} kills, ${named} audits named a run without its seal or its place in the index\n`,
    )
    // A process may have ended before the last of them, which others come before by chance.
    expect(kills).toBeGreaterThan(moments * 0.9)
  },
)
