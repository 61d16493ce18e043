import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fold } from '../../runner/journal/fold.ts'
import { takenOverFile } from '../../runner/engine/concurrency-key.ts'
import { readJournal } from '../../runner/journal/record/read-journal.ts'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import { Refused } from '../../runner/team/refusals.ts'
import { startPostgres } from '../../scripts/lab/postgres.ts'

import { cases, tell } from '../support/effort.ts'
import { layWire } from '../support/servers/wire.ts'
import type { Cut, Wire } from '../support/servers/wire.ts'
import { breaches, lateEffects, linePage } from '../support/storm.ts'
import { endOf, openDesk } from '../support/team-desk.ts'
import type { Desk } from '../support/team-desk.ts'
import { team, until } from '../support/team.ts'
import type { Runner, Team } from '../support/team.ts'

type Silence = 'freeze' | Cut

const steps = ['a', 'b', 'c', 'd']
const slugs = ['one', 'two', 'three']
const times = (count: number, what: Silence): Silence[] => Array.from({ length: count }, () => what)

/** Two machines that fall silent in turn, and what they run. */
interface Pair {
  machines: [Machine, Machine]
  slugs: readonly string[]
}

interface Machine {
  runner: Runner
  wire: Wire
}

test('no step starts late on a machine that was frozen or cut off, once another has taken its runs over', async () => {
  const names = ['a', 'b', 'c', 'd']
  const database = await startPostgres(names)
  await using wires = new AsyncDisposableStack()
  const laid = new Map<string, Wire>()
  for (const name of names) laid.set(`runbook_runner_${name}`, wires.use(await layWire(database.port)))
  const url = (role?: string): string => {
    const wire = laid.get(role ?? '')
    return wire ? database.url(role).replace(`:${database.port}/`, `:${wire.port}/`) : database.url(role)
  }
  const pages = ['p', 'q'].flatMap((pair) =>
    slugs.map((slug) => [
      `content/runbooks/${pair}-${slug}.mdx`,
      linePage(steps).replaceAll('sleep 0.05', 'sleep 0.4'),
    ]),
  )
  await using space = team(
    { ...database, url },
    names,
    Object.fromEntries(pages) as Record<string, string>,
    "runs: 8, ships: 'strict'",
  )
  const desk = await openDesk(space)
  try {
    const machines = names.map((name) => ({
      runner: space.start(name),
      wire: laid.get(`runbook_runner_${name}`),
    })) as [Machine, Machine, Machine, Machine]
    const said = (): string => machines.map(({ runner }) => `${runner.name}: ${runner.said()}`).join('\n')
    await until(() => machines.every(({ runner }) => runner.said().includes('takes orders')), said)
    const [a, b, c, d] = machines
    const more = times(cases(0, 24), 'freeze')
    const cuts = (['both', 'up', 'down'] as const).flatMap((cut) => times(cases(0, 4), cut))
    const counts = await Promise.all([
      silences(desk, space, { machines: [a, b], slugs: slugs.map((slug) => `p-${slug}`) }, [
        'freeze',
        ...more,
        ...cuts,
      ]),
      silences(desk, space, { machines: [c, d], slugs: slugs.map((slug) => `q-${slug}`) }, [
        cases(0, 1) === 1 ? 'freeze' : 'both',
        ...more,
        ...cuts,
      ]),
    ])
    tell(`${2 * more.length + 2} silences, ${counts[0] + counts[1]} takeovers, ${2 * cuts.length} cuts`)
    expect(counts[0] * counts[1]).toBeGreaterThan(0)
    expect(lateEffects(space)).toEqual([])
    expect(await breaches(database, space, steps)).toEqual([])
  } finally {
    await desk.close()
    await space.still()
    await database.stop()
  }
})

/** The machines of a pair fall silent in turn, and the other one takes over what they ran; the count of takeovers. */
async function silences(desk: Desk, space: Team, pair: Pair, all: readonly Silence[]): Promise<number> {
  let count = 0
  for (const [at, silence] of all.entries()) {
    const [first, second] = pair.machines
    const [silent, other] = at % 2 === 0 ? [first, second] : [second, first]
    const before = count
    // Runs that end before the silence say nothing about it.
    while (count === before) count += await silenced(desk, space, pair.slugs, { silence, silent, other })
  }
  return count
}

interface Round {
  silence: Silence
  silent: Machine
  other: Machine
}

async function silenced(desk: Desk, space: Team, wanted: readonly string[], round: Round): Promise<number> {
  const { silence, silent, other } = round
  const { port } = desk
  const said = (): string =>
    [silence, silent.runner.name, silent.runner.said().slice(-2000), other.runner.said().slice(-2000)].join(
      '\n',
    )
  const runs = await Promise.all(wanted.map((slug) => desk.order(slug, { wants: silent.runner.name })))
  const rowOf = async (run: string) => (await port.runs({ run }))[0]
  for (const run of runs) await until(async () => ((await rowOf(run))?.size ?? 0) > 0, said)
  await sleep(Math.random() * 1500)
  if (silence === 'freeze') await silent.runner.kill('SIGSTOP')
  else silent.wire.cut(silence)
  await sleep(Math.random() * 300)
  const taken: string[] = []
  for (const run of runs) {
    const row = await rowOf(run)
    if (row?.state !== 'owned') continue
    try {
      await desk.takeOver(row, other.runner.name)
      taken.push(run)
    } catch (error) {
      // It ended in this moment: what was sent before the cut arrives.
      if (!(error instanceof Refused)) throw error
    }
  }
  // Back at any moment: before the new owner may begin, while it works, or afterwards.
  const back = comeBack(round, Math.random() * 15_000)
  for (const run of runs) await endOf(space, desk, run, said)
  await back
  for (const run of taken) {
    const folder = runFolder(silent.runner.state, run)
    await until(() => letsGo(folder), said)
  }
  return taken.length
}

async function comeBack({ silence, silent }: Round, ms: number): Promise<void> {
  await sleep(ms)
  if (silence === 'freeze') await silent.runner.kill('SIGCONT')
  else silent.wire.mend()
}

/** Whether a machine has let a run go, or had ended it before it fell silent and only could not say so. */
function letsGo(folder: string): boolean {
  if (!existsSync(join(folder, files.journal))) return true
  return (
    existsSync(join(folder, takenOverFile)) ||
    fold(readJournal(join(folder, files.journal))).endedAt !== undefined
  )
}
