import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFleetAct, readFleet, signFleetAct } from '../../runner/team/fleet/fleet.ts'
import { readStored } from '../../runner/team/fleet/believe.ts'
import type { Standing } from '../../runner/team/fleet/standing.ts'
import type { FleetAct, TeamPort } from '../../runner/team/port.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { isLong, tell } from '../support/effort.ts'
import { hubOptions } from '../support/hub/hub.ts'
import { frames } from '../support/servers/acting.ts'
import { childrenOf } from '../support/storm.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'
import { page, testedFolder } from '../support/workspace.ts'

/** Whose name begins with `bad` fails. Its effect is one line, which its `done` fence finds again. */
const patch = page(
  `<Command id="patch" title="Patch" effect="write">

\`\`\`bash
case "$target" in bad*) exit 1 ;; esac
echo "$RUNBOOK_RUN_ID $target" >> "$EFFECTS"
\`\`\`

\`\`\`bash done
grep -qxF "$RUNBOOK_RUN_ID $target" "$EFFECTS"
\`\`\`

\`\`\`bash undo
echo "undo $target" >> "$EFFECTS"
\`\`\`

</Command>
`,
  'requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\nconcurrency: "host ${{ inputs.target }}"\ninputs:\n  target: { type: text }\n  zone: { type: text, default: eu }\n',
)

let database: Postgres
let space: Team
let port: TeamPort

beforeAll(async () => {
  database = await startPostgres(['a', 'b'])
  space = team(database, ['a', 'b'], { 'content/runbooks/patch.mdx': patch, ...frames(['patch']) })
  const hub = JSON.stringify(hubOptions('https://id.example'))
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE', runs: 8 }, hub: ${hub} }\n`,
  )
  await database.query('create role hub login in role runbook_hub')
  port = await space.port('reader')
})
afterAll(async () => {
  await port?.close()
  await space?.[Symbol.asyncDispose]()
  await database?.stop()
})

/** A hub over the same database, once it listens: it reads, and takes no part. */
async function startHub(): Promise<ChildProcess> {
  const program = join(testedFolder, 'bin/main.mjs')
  const child = spawn(process.execPath, [program, 'serve', '--hub', '--port', '0', '--site', 'site'], {
    cwd: space.root,
    env: {
      ...process.env,
      ...space.env('alice@example.com', 'hub'),
      RUNBOOK_OIDC_SECRET: 'not-used-because-nobody-signs-in-here',
      RUNBOOK_STATE: join(space.root, 'machines', 'hub'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (told += String(bytes)))
  await until(
    () => told.includes('The hub listens'),
    () => told,
  )
  return child
}

interface Told extends Standing {
  fleet: string
}

async function ordered(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await space.call(['order', 'patch', ...args, '--json'])
  expect(code, stderr).toBe(0)
  return (JSON.parse(stdout) as { fleet: string }).fleet
}

/** How it stands by what the database has, where every signature counts. */
async function standingOf(fleet: string): Promise<Standing> {
  const [stored] = await port.fleets({ fleet })
  const people = { holders: {}, aliases: {}, services: [] }
  const read = stored && readStored(stored, { check: () => undefined, people })
  if (!read) throw new Error(`There is no ${fleet}`)
  return read.standing
}

async function decided(
  act: FleetAct['act'],
  fleet: string,
  more: string[] = [],
  who?: string,
): Promise<void> {
  const { code, stderr } = await space.call(['fleet', act, fleet, '--reason', 'a test', ...more], who)
  expect(code, stderr).toBe(0)
}

const names = (count: number, bad: (at: number) => boolean): string[] =>
  Array.from({ length: count }, (_, at) => `${bad(at) ? 'bad' : 'good'}-${at}`)

const said = (runners: readonly Runner[]) => (): string =>
  runners.map((one) => one.said().slice(-3000)).join('\n')

/** Starts runners, and waits until they take orders. */
async function started(...machines: string[]): Promise<Runner[]> {
  const runners = machines.map((name) => space.start(name))
  await until(() => runners.every((one) => one.said().includes('takes orders')), said(runners))
  return runners
}

/** Each target once: those that are done have their effect once, and no other has one. */
function breachesOf({ list, ...counts }: Standing): string[] {
  const lines = space.effects()
  const sum = counts.done + counts.failed + counts.running + counts.notStarted
  return [
    ...(sum === list.length ? [] : [`${sum} of ${list.length} targets are accounted for`]),
    ...list.flatMap(({ name, run, state }) => {
      const times = lines.filter((line) => line === `${run} ${name}`).length
      return times === (state === 'done' || state === 'rolled-back' ? 1 : 0)
        ? []
        : [`${name} is ${state}, with ${times} effects`]
    }),
  ]
}

test('a fleet stops within its budget while its runners are killed, says what it did not start, and goes on by a signed decision', async () => {
  const size = isLong ? Number(process.env['TARGETS'] ?? 1000) : 30
  const runners = await started('a', 'b')
  const all = names(size, (at) => at % 20 === 7)
  space.write('targets.csv', `target,zone\n${all.map((name) => `${name},eu`).join('\n')}\n`)
  const from = Date.now()
  const budget = isLong ? '3%' : '1'
  const fleet = await ordered('--targets', 'targets.csv', '--waves', '1,30%,60%,100%', '--budget', budget)
  const limit = isLong ? Math.floor(size * 0.03) : 1
  let [kills, hubKills, most] = [0, 0, 0]
  let hub = isLong ? await startHub() : undefined
  const storm = async (isOver: (now: Standing) => boolean): Promise<Standing> => {
    for (let turn = 0; ; turn++) {
      const now = await standingOf(fleet)
      if (now.spent < limit) most = now.running
      if (isOver(now)) return now
      expect(now.failed + now.running).toBeLessThanOrEqual(size)
      // One in the short form, and each in turn in the long one.
      if (hub && turn % 10 === 9) {
        hub.kill('SIGKILL')
        hubKills++
        hub = await startHub()
      }
      const at = kills % 2
      const runner = runners[at]
      // Once in the short form. In the long one each in turn, when it takes orders again.
      const isDue = isLong
        ? turn % 6 === 5 && runner?.said().includes('takes orders')
        : kills === 0 && now.done > 2
      if (isDue) {
        kills++
        const shim = kills % 3 === 0 ? childrenOf(runner?.child.pid ?? 0)[0] : undefined
        if (shim === undefined) await runner?.kill()
        else
          try {
            process.kill(shim, 'SIGKILL')
          } catch {
            // It has ended.
          }
        if (runner && shim === undefined) runners[at] = space.start(runner.name)
      }
      await sleep(isLong ? 500 : 50)
      if (Date.now() - from > (isLong ? 3_000_000 : 120_000))
        throw new Error(`${JSON.stringify(now)}\n${said(runners)()}`)
    }
  }
  const stopped = await storm(({ state, running }) => state === 'stopped' && running === 0)
  expect(stopped.failed).toBeGreaterThanOrEqual(limit)
  // Eight runs at once on each of two runners.
  expect(stopped.failed).toBeLessThan(limit + 16)
  expect(stopped.notStarted).toBeGreaterThan(0)
  expect(breachesOf(stopped)).toEqual([])
  const [row] = await database.query<{ open: number }>('select runbook.fleet_open($1) as open', [fleet])
  expect([row?.open, stopped.opens]).toEqual([0, 0])
  tell(
    `${size} targets, ${kills} kills of runners and shims, ${hubKills} of the hub: stopped after ${Date.now() - from} ms with ${stopped.failed} failed of a budget of ${limit}, ${stopped.done} done, ${stopped.notStarted} not started, about ${most} running before`,
  )
  const shown = await space.call(['orders', fleet, '--json'])
  expect((JSON.parse(shown.stdout) as Told).state).toBe('stopped')
  // More fail later, and each time a person goes on.
  for (let resumes = 0; ; resumes++) {
    await decided('resume', fleet)
    const now = await storm(
      ({ state, running }) => running === 0 && (state === 'stopped' || state === 'ended'),
    )
    expect(breachesOf(now)).toEqual([])
    if (now.state === 'stopped') continue
    const bad = all.filter((name) => name.startsWith('bad')).length
    expect([now.done, now.failed, now.notStarted]).toEqual([size - bad, bad, 0])
    tell(
      `ended after ${Date.now() - from} ms, ${kills} kills, ${resumes + 1} resumes: ${now.done} done, ${now.failed} failed, 0 unaccounted`,
    )
    break
  }
  hub?.kill('SIGKILL')
  const verified = await space.call(['verify', (await standingOf(fleet)).list[0]?.run ?? '', '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  await space.still()
})

test('one target of an order over many is not withdrawn: the order has its own acts, and its rows are unchanged', async () => {
  const fleet = await ordered('--targets', 'x,y', '--waves', '1,2')
  const rows = () =>
    database.query<{ run: string; state: string }>(
      'select run, state from runbook.run where fleet = $1 order by run',
      [fleet],
    )
  const before = await rows()
  expect(before).toHaveLength(2)
  for (const { run } of before)
    for (const more of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await space.call(['withdraw', run, ...more])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(`\`${run}\` is part of an order over many targets; nothing was changed`)
      expect(stderr).toContain('hint: Stop all of it with `runbook fleet stop`')
    }
  expect(await rows()).toEqual(before)
  await decided('stop', fleet)
  expect((await standingOf(fleet)).state).toBe('stopped')
})

test('a wave waits for another person, whose decision no database can make up; the undo goes the last wave first', async () => {
  const runners = await started('a', 'b')
  const fleet = await ordered('--targets', 'x,y,z', '--waves', '1,2,3', '--approvers', 'bob@example.com')
  const waits = async (wave: number): Promise<boolean> => (await standingOf(fleet)).needsApproval === wave
  await until(() => waits(2), said(runners))
  const own = await space.call(['fleet', 'approve', fleet])
  expect([own.code, own.stderr]).toEqual([4, expect.stringContaining('nobody approves their own order')])
  // One with the rights of a hub leaves what bob would have to sign.
  const hub = await space.port('person')
  const by = { id: 'bob@example.com', host: 'x', via: 'fleet' }
  const forged = makeFleetAct({ fleet, act: 'approve', wave: 2, reason: '', by })
  await hub.decideFleet(forged, signFleetAct(forged, undefined))
  await until(async () => {
    const rows = await database.query<{ declined: object }>(
      "select declined from runbook.run where fleet = $1 and wave = 2 and state = 'queued'",
      [fleet],
    )
    return JSON.stringify(rows[0]?.declined).includes('may not start')
  }, said(runners))
  await decided('approve', fleet, [], 'bob@example.com')
  await until(() => waits(3), said(runners))
  await decided('approve', fleet, [], 'bob@example.com')
  await until(async () => (await standingOf(fleet)).state === 'ended', said(runners))
  await decided('undo', fleet)
  await until(async () => (await standingOf(fleet)).state === 'undone', said(runners))
  const undone = space.effects().filter((line) => line.startsWith('undo '))
  expect(undone).toEqual(['undo z', 'undo y', 'undo x'])
  expect(breachesOf(await standingOf(fleet))).toEqual([])
  const { run = '' } = (await standingOf(fleet)).list[0] ?? {}
  const verified = await space.call(['verify', run, '--team'])
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  await hub.close()
  await space.still()
})

test('a fleet pauses between waves and keeps to its bound of runs at once; its undo takes named targets, and not those that a later run changed', async () => {
  const runners = await started('a', 'b')
  const bounds = ['--waves', '1,3', '--pause', '1s', '--parallel', '1']
  const fleet = await ordered('--targets', 'u,v,w', ...bounds)
  await until(async () => (await standingOf(fleet)).state === 'ended', said(runners))
  const spans = await database.query<{ wave: number; from: Date; to: Date }>(
    'select wave, owned_at as "from", ended_at as "to" from runbook.run where fleet = $1 order by owned_at',
    [fleet],
  )
  expect(spans.map(({ wave }) => wave)).toEqual([1, 2, 2])
  const gaps = spans.slice(1).map(({ from }, at) => from.getTime() - (spans[at]?.to.getTime() ?? 0))
  expect(gaps[0]).toBeGreaterThanOrEqual(1000)
  expect(gaps[1]).toBeGreaterThanOrEqual(0)

  const undone = async (...args: string[]): Promise<string> => {
    const call = ['fleet', 'undo', fleet, '--reason', 'a test', ...args]
    const { code, stdout, stderr } = await space.call(call)
    expect(code, stderr).toBe(0)
    await until(async () => (await standingOf(fleet)).state === 'undone', said(runners))
    return stdout
  }
  const states = async () => (await standingOf(fleet)).list.map(({ name, state }) => `${name} ${state}`)
  await undone('--target', 'v')
  expect(await states()).toEqual(['u done', 'v rolled-back', 'w done'])
  const later = await ordered('--targets', 'w')
  await until(async () => (await standingOf(later)).state === 'ended', said(runners))
  const [other] = (await standingOf(later)).list
  expect(await undone()).toContain(`a later run changed them: w (${other?.run})`)
  expect(await states()).toEqual(['u rolled-back', 'v rolled-back', 'w done'])
  expect(space.effects().filter((line) => /^undo [uvw]$/.test(line))).toEqual(['undo v', 'undo u'])
  await space.still()
})

test('two orders for the same targets reach each of them in the order in which they were made', async () => {
  const first = await ordered('--targets', 'm,n', '--waves', '1,2')
  const second = await ordered('--targets', 'n,m', '--waves', '100%')
  const runners = await started('a', 'b')
  await until(async () => (await standingOf(second)).state === 'ended', said(runners))
  const runs = new Map(
    (await Promise.all([first, second].map(standingOf))).flatMap(({ list }, at) =>
      list.map(({ run }) => [run, at] as const),
    ),
  )
  for (const name of ['m', 'n']) {
    const order = space.effects().flatMap((line) => {
      const [run = '', target] = line.split(' ')
      return target === name && runs.has(run) ? [runs.get(run)] : []
    })
    expect(order).toEqual([0, 1])
  }
  await space.still()
})

test('a run that the signed list does not contain is declined, whatever the database says', async () => {
  const fleet = await ordered('--targets', 'p,q', '--waves', '1,2')
  const [stored] = await port.fleets({ fleet })
  const read = readFleet(stored?.statement ?? '')
  expect(read.ok).toBe(true)
  await database.query(
    'update runbook.run set statement = replace(statement, \'"wave":2\', \'"wave":1\'), wave = 1 where fleet = $1 and wave = 2',
    [fleet],
  )
  const runners = await started('a')
  await until(async () => {
    const { list } = await standingOf(fleet)
    return Object.values(list[1]?.declined ?? {}).some((why) => why.includes('does not contain it'))
  }, said(runners))
  expect(space.effects().filter((line) => line.endsWith(' q'))).toEqual([])
  await space.still()
})
