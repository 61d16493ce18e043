import { expect, test } from 'vitest'
import { isLong, tell } from '../support/effort.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import { allEnded, breaches, linePage, storm } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Team } from '../support/team.ts'

const steps = ['a', 'b', 'c']

test('no effect is lost, doubled or overlaps under one key, however runners, shims and the database are killed', async () => {
  const database = await startPostgres(['a', 'b'])
  const keys = ['one', 'two', 'three']
  const pages = Object.fromEntries(keys.map((key) => [`content/runbooks/${key}.mdx`, linePage(steps)]))
  await using space = team(database, ['a', 'b'], pages)
  try {
    const runners = [space.start('a'), space.start('b')]
    const most = isLong ? { kills: 120, shims: 80, crashes: 10 } : { kills: 12, shims: 8, crashes: 2 }
    await until(
      () => runners.every((one) => one.said().includes('takes orders')),
      () => runners.map((one) => one.said()).join('\n'),
    )
    const over = new AbortController()
    const ordering = orderUntil(space, keys, over.signal)
    const done = await storm(database, space, runners, most, Math.random)
    over.abort()
    const orders = await ordering
    tell(`${JSON.stringify(done)}, ${orders} orders`)
    await allEnded(database, runners, 60_000)
    expect(await breaches(database, space, steps)).toEqual([])
    expect(done).toEqual(most)
    for (const [machine] of [['a'], ['b']] as const) {
      const { stdout } = await space.on(machine, ['runs', '--json'])
      for (const { run } of (JSON.parse(stdout) as { run: string }[]).slice(0, 3)) {
        const verified = await space.on(machine, ['verify', run, '--team'])
        expect(verified.code, verified.stdout + verified.stderr).toBe(0)
      }
    }
  } finally {
    await database.stop()
  }
})

/** Orders runs of each key in turn, with at most a few waiting, until it is over; the count of orders. */
async function orderUntil(space: Team, keys: readonly string[], over: AbortSignal): Promise<number> {
  let count = 0
  while (!over.aborted) {
    // The database may be away: a person tries again.
    const open = await space.call(['orders', '--json'])
    if (open.code !== 0 || (JSON.parse(open.stdout) as unknown[]).length >= 2 * keys.length) continue
    const { code } = await space.call(['order', keys[count % keys.length] ?? ''])
    if (code === 0) count++
  }
  return count
}
