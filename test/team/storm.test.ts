import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import { isLong, tell } from '../support/effort.ts'
import { client, hubOrigin } from '../support/hub/provider.ts'
import { frames } from '../support/servers/acting.ts'
import { openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { Away } from '../../runner/team/refusals.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import { allEnded, breaches, lateEffects, linePage, storm } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Runner } from '../support/team.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'

const steps = ['a', 'b', 'c']

// Nobody signs in: the provider is asked by the first who does.
const hubSettings = { origin: hubOrigin, issuer: 'https://login.example.com', clientId: client.id }

test('no effect is lost, doubled or overlaps under one key, however runners, shims, hubs and the database are killed', async () => {
  const database = await startPostgres(['a', 'b'])
  await database.query('create role hub login in role runbook_hub')
  const keys = ['one', 'two', 'three']
  const pages = Object.fromEntries(keys.map((key) => [`content/runbooks/${key}.mdx`, linePage(steps)]))
  await using space = team(database, ['a', 'b'], { ...pages, ...frames(keys) }, 'runs: 8')
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE', runs: 8 }, hub: ${JSON.stringify(hubSettings)} }\n`,
  )
  const startHub = (name: string): Runner => space.startHub(name, { RUNBOOK_OIDC_SECRET: client.secret })
  const desk = await openDesk(space)
  try {
    const runners = [space.start('a'), space.start('b')]
    const hubs = [startHub('hub-1'), ...(isLong ? [startHub('hub-2')] : [])]
    const said = (): string => [...runners, ...hubs].map((one) => one.said()).join('\n')
    const most = isLong
      ? { kills: 100, shims: 60, hubs: 40, crashes: 10 }
      : { kills: 12, shims: 8, hubs: 3, crashes: 2 }
    await until(() => runners.every((one) => one.said().includes('takes orders')), said)
    const over = new AbortController()
    const ordering = orderUntil(desk, keys, over.signal)
    const done = await storm(database, space, { runners, hubs, startHub }, most, Math.random)
    over.abort()
    const orders = await ordering
    const began = Date.now()
    await allEnded(database, runners, isLong ? 30_000 : 60_000)
    tell(`${JSON.stringify(done)}, ${orders} orders, all ended ${Date.now() - began} ms after the last kill`)
    expect(await breaches(database, space, steps)).toEqual([])
    expect(lateEffects(space)).toEqual([])
    expect(done).toEqual(most)
    for (const hub of hubs) await until(() => hasAll(database, hub), said)
    for (const [machine] of [['a'], ['b']] as const) {
      const { stdout } = await space.on(machine, ['runs', '--json'])
      for (const { run } of (JSON.parse(stdout) as { run: string }[]).slice(0, isLong ? 1000 : 3)) {
        const verified = await space.on(machine, ['verify', run, '--team'])
        expect(verified.code, verified.stdout + verified.stderr).toBe(0)
      }
    }
  } finally {
    await desk.close()
    await space.still()
    await database.stop()
  }
})

/** Whether the copy of a hub has every run, byte by byte. */
async function hasAll(database: Postgres, { state, child }: Runner): Promise<boolean> {
  const mirror = join(state, 'hub', 'mirror', String(child.pid))
  const rows = await database.query<{ run: string; text: string }>(
    "select run, string_agg(line, '' order by seq) as text from runbook.event group by run",
  )
  return rows.every(
    ({ run, text }) => readFileSync(join(runFolder(mirror, run), files.journal), 'utf8') === text,
  )
}

/** Orders runs of each key in turn, with at most a few waiting, until it is over; the count of orders. */
async function orderUntil(
  { port, order }: Desk,
  keys: readonly string[],
  over: AbortSignal,
): Promise<number> {
  let count = 0
  while (!over.aborted) {
    try {
      const queued = await port.runs({ state: 'queued' })
      if (queued.length < keys.length) {
        await order(keys[count % keys.length] ?? '')
        count++
      }
    } catch (error) {
      // The database may be away: a person tries again.
      if (!(error instanceof Away)) throw error
    }
    await sleep(200)
  }
  return count
}
