import { expect, test } from 'vitest'
import { ground, hostileSessions, leftBehind } from '../support/agents/hostile.ts'

/** Give a number in SESSIONS for fewer, and the number of the first one in SEED: a session is what its number says. */
const sessions = Number(process.env['SESSIONS'] ?? 2000)
const seed = Number(process.env['SEED'] ?? 0)

test(`${sessions} sessions of a hostile client pass no gate`, { timeout: 7_200_000 }, async () => {
  let [total, before] = [0, 0]
  const all: string[] = []
  // A workspace of its own for each hundred: reading a list of all runs is not what is tested.
  for (let from = 0; from < sessions; from += 100) {
    using place = ground()
    all.push(...(await hostileSessions(place, seed + from, seed + Math.min(from + 100, sessions))))
    const { runs, atGate, violations } = leftBehind(place)
    total += runs
    before += atGate
    all.push(...violations)
    process.stdout.write(
      `${Math.min(from + 100, sessions)} sessions, ${total} runs, ${before} at a gate: ${all.length} violations\n`,
    )
  }
  expect(all).toEqual([])
})
