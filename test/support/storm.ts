import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../runner/journal/record/event.ts'
import { files, runFolder } from '../../runner/journal/record/run-store.ts'
import type { Postgres } from '../../scripts/lab/postgres.ts'
import { patienceMs } from './patience.ts'
import type { Runner, Team } from './team.ts'
import { until } from './team.ts'
import { page } from './workspace.ts'

/** A step whose effect is one line, which its `done` fence finds again. */
export function lineStep(id: string, pause = 0.05): string {
  const mark = `$RUNBOOK_RUN_ID ${id}`
  return `<Command id="${id}" title="Step ${id}" effect="write">

\`\`\`bash
sleep ${pause}
echo "${mark} \${RUNBOOK_EPOCH:-none}" >> "$EFFECTS.epochs"
echo "${mark}" >> "$EFFECTS"
sleep ${pause}
\`\`\`

\`\`\`bash done
grep -qxF "${mark}" "$EFFECTS"
\`\`\`

</Command>
`
}

/** A runbook that says where its effects go. */
export function linePage(ids: readonly string[], frontmatter = ''): string {
  const steps = ids.map((id) => lineStep(id)).join('\n')
  return page(steps, `requires: { env: [EFFECTS], publicEnv: [EFFECTS] }\n${frontmatter}`)
}

/** Processes whose parent is a process, such as the shims of a runner. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

export interface Storm {
  kills: number
  shims: number
  hubs: number
  crashes: number
}

/** Kills a process; false when it has ended already. */
function ends(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** The processes of a storm: each that is killed is started again. */
export interface Stormed {
  runners: Runner[]
  hubs: Runner[]
  startHub(name: string): Runner
}

/** Kills runners, shims and hubs at random moments, and crashes the database, until there were so many of each. */
export async function storm(
  database: Postgres,
  team: Team,
  { runners, hubs, startHub }: Stormed,
  most: Storm,
  random: () => number,
): Promise<Storm> {
  const done: Storm = { kills: 0, shims: 0, hubs: 0, crashes: 0 }
  const isOpen = (what: keyof Storm): boolean => done[what] < most[what]
  const any = (all: readonly Runner[]): number => Math.floor(random() * all.length)
  let [count, since] = [0, Date.now()]
  while ((Object.keys(done) as (keyof Storm)[]).some(isOpen)) {
    await sleep(100 + random() * 500)
    const now = Object.values(done).reduce((sum, one: number) => sum + one, 0)
    if (now > count) [count, since] = [now, Date.now()]
    // Without runs that go on there are no shims.
    if (Date.now() - since > patienceMs)
      throw new Error(`The storm stands still: ${JSON.stringify(done)}\n${wordsOf(runners)}`)
    const dice = random()
    if (dice < 0.1 && isOpen('crashes')) {
      done.crashes++
      await database.crash()
      await sleep(random() * 1500)
      await database.start()
    } else if (dice < 0.4 && isOpen('shims')) {
      const shim = childrenOf(runners[any(runners)]?.child.pid ?? 0)[0]
      if (shim !== undefined && ends(shim)) done.shims++
    } else if (dice < 0.6 && isOpen('hubs')) {
      const at = any(hubs)
      const hub = hubs[at]
      if (!hub) continue
      done.hubs++
      await hub.kill()
      hubs[at] = startHub(hub.name)
    } else if (isOpen('kills')) {
      const at = any(runners)
      const runner = runners[at]
      if (!runner) continue
      done.kills++
      await runner.kill()
      runners[at] = team.start(runner.name)
    }
  }
  return done
}

/** Effects that a machine had after another one had taken the run over and gone on, and those that tell no epoch. */
export function lateEffects(team: Team): string[] {
  const highest = new Map<string, number>()
  return readFileSync(`${join(team.root, 'effects')}.epochs`, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => {
      const [run = '', , text] = line.split(' ')
      const epoch = Number(text)
      // The first owner of a run has epoch 1.
      if (!Number.isInteger(epoch) || epoch < 1) return true
      const before = highest.get(run) ?? 0
      highest.set(run, Math.max(before, epoch))
      return epoch < before
    })
}

interface Row {
  run: string
  key: string
  runner: string
  size: number
  state: string
}

/** Everything that must hold once all is over; each breach in words. */
export async function breaches(database: Postgres, team: Team, steps: readonly string[]): Promise<string[]> {
  const rows = await database.query<Row>(
    "select run, key, runner, size, state from runbook.run where state <> 'expired' and (size > 0 or state <> 'ended')",
  )
  const count = new Map<string, number>()
  for (const line of team.effects()) count.set(line, (count.get(line) ?? 0) + 1)
  const problems: string[] = []
  const spans: { key: string; run: string; from: string; to: string }[] = []
  for (const { run, key, runner, state } of rows) {
    if (state !== 'ended') problems.push(`${run} is ${state}`)
    for (const step of steps) {
      const times = count.get(`${run} ${step}`) ?? 0
      if (times !== 1) problems.push(`${run} ${step}: ${times} effects`)
    }
    const stored = await database.query<{ line: string }>(
      'select line from runbook.event where run = $1 order by seq',
      [run],
    )
    const text = stored.map(({ line }) => line).join('')
    const here = readFileSync(
      join(runFolder(join(team.root, 'machines', runner), run), files.journal),
      'utf8',
    )
    if (here !== text) problems.push(`${run}: the journal of ${runner} is not the stored one`)
    const events = stored.map(({ line }) => JSON.parse(line) as Event)
    const starts = events.filter(({ type }) => type === 'step-started')
    const [from, to] = [starts[0]?.ts ?? '', events.at(-1)?.ts ?? '']
    spans.push({ key, run, from, to })
  }
  spans.sort((a, b) => a.key.localeCompare(b.key) || a.from.localeCompare(b.from))
  for (const [at, span] of spans.entries()) {
    const before = spans[at - 1]
    if (before?.key === span.key && before.to > span.from)
      problems.push(`${before.run} and ${span.run} overlap`)
  }
  return problems
}

function wordsOf(runners: readonly Runner[]): string {
  return runners
    .map(
      ({ name, child, said }) =>
        `${name} (${child.exitCode ?? child.signalCode ?? 'runs'}): ${said().slice(-3000)}`,
    )
    .join('\n')
}

/** Waits until every order has ended. */
export function allEnded(database: Postgres, runners: readonly Runner[], ms: number): Promise<void> {
  let open = ''
  return until(
    async () => {
      const rows = await database.query<Row & { status: string }>(
        "select run, state, runner, status from runbook.run where state in ('queued', 'owned')",
      )
      open = rows.map(({ run, state, runner, status }) => `${run} ${state} ${runner} ${status}`).join('\n')
      return rows.length === 0
    },
    () => `${open}\n${wordsOf(runners)}`,
    ms,
  )
}
