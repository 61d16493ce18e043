import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { sourceState } from '../../engine/plan/source-state.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { version } from '../../kit/version.ts'
import { asText } from '../../model/values/json.ts'
import { openNotices } from '../../team/notices.ts'
import { asLike } from '../../team/order.ts'
import { makeOrders } from '../../team/orders.ts'
import type { Orders } from '../../team/orders.ts'
import { againMs, patiently } from '../../team/patiently.ts'
import type { Owned } from '../../team/port.ts'
import { Away, Lost, Restored, Unready } from '../../team/refusals.ts'
import { databaseOf, openTeamOf } from '../shared/team/open-team.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { driveOwned } from './drive-owned.ts'
import { giveWay } from './heed.ts'
import { reopenUndone } from './fleet-part.ts'
import type { Seat } from './seat.ts'
import type { Request } from './index.ts'

/** Time between two looks for orders without a notice, in milliseconds. */
const lookMs = 6000

/** Ends the process; a step that is under way goes on and is adopted by the next one. */
export async function run({ io }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const database = databaseOf(config)
  const { team } = config
  if (!team) return exit.usage
  const port = await openTeamOf(config)
  const say = (words: string): void =>
    io.json ? io.out(JSON.stringify({ at: new Date().toISOString(), words })) : io.out(printable(words))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const commit = asText((await sourceState(io.cwd, io.env))?.['commit'] ?? '')
  const takeName = (): Promise<string> => port.begin({ commit, version, runs: team.runs })
  const name = await patiently(say, takeName, stop.signal)
  if (name === undefined) return exit.terminated
  const notices = openNotices(port)
  const seat: Seat = {
    config,
    team,
    io,
    port,
    name,
    notices,
    claimed: new Map(),
    parked: new Map(),
    heeded: new Set(),
    stops: new Map(),
    say,
  }
  const active = new Map<string, Promise<void>>()
  const orders = await makeOrders(database, name, (id, epoch) => drive(seat, active, id, epoch))
  if (!(await patiently(say, () => orders.open().then(() => true), stop.signal))) return exit.terminated
  await warmUp(config)
  say(`runner ${name} takes orders for ${team.accepts.join(', ')}`)
  const code = await serve(seat, orders, active, stop.signal, takeName)
  // Steps go on without it; nothing here may wait for them.
  await Promise.race([port.end().catch(() => {}), sleep(2000)])
  return process.exit(code)
}

/** One drive of a run at a time, whoever asks for it. */
function drive(seat: Seat, active: Map<string, Promise<void>>, id: string, epoch: number): void {
  const owned = seat.claimed.get(id)
  // A workflow of an earlier owner, or of a run that has ended.
  if (owned === undefined || owned.epoch !== epoch || active.has(id)) return
  const driven = driveOwned(seat, owned).finally(() => {
    active.delete(id)
    seat.claimed.delete(id)
  })
  active.set(id, driven)
}

/** Whether a notice may mean that this runner has something to take; '' is one that may have been missed. */
function isWork(notice: string, name: string): boolean {
  const [what = '', wanted = name] = notice.split(' ')
  return what === 'order' ? wanted === name : ['', 'takeover', 'answer'].includes(what)
}

/** Loads what the first order would otherwise wait for. */
async function warmUp({ kinds }: Config): Promise<void> {
  await Promise.all([
    kinds.load(),
    import('../../model/read-runbook.ts'),
    import('../../model/values/cel.ts'),
  ])
}

/** Claims, looks for runs that are owned and not driven, and says that it lives; until it is ended or replaced. */
async function serve(
  seat: Seat,
  orders: Orders,
  active: Map<string, Promise<void>>,
  stop: AbortSignal,
  takeName: () => Promise<string>,
): Promise<number> {
  const { port, team, notices, say } = seat
  let wake = (): void => {}
  stop.addEventListener('abort', () => wake(), { once: true })
  const hear = (notice: string): void => {
    if (isWork(notice, seat.name)) wake()
  }
  notices.on(hear)
  const tell = (notice: string): void => notices.tell(notice, hear)
  let trouble = ''
  while (!stop.aborted) {
    const woken = new Promise<void>((resolve) => (wake = resolve))
    try {
      // Each look begins with it: the database may be an older one since the last, which names another process, or none.
      await port.seen().catch(async (error: unknown) => {
        if (!(error instanceof Restored)) throw error
        await takeName()
        await port.seen()
      })
      await reopenUndone(seat, team.runs - seat.claimed.size)
      await heedCalls(seat, orders, active, tell)
      await takeUpOwned(seat, orders, active, tell)
      while (seat.claimed.size < team.runs && !stop.aborted) {
        const owned = await port.claim(team.accepts.map(asLike), team.ships)
        if (!owned) break
        seat.claimed.set(owned.run, owned)
        say(`claimed ${owned.run}`)
        await begin(seat, orders, active, owned)
      }
      if (trouble !== '') say('the database answers again')
      trouble = ''
    } catch (error) {
      if (error instanceof Lost) {
        say(error.message)
        return exit.failed
      }
      if (!(error instanceof Away || error instanceof Unready)) throw error
      if (trouble !== error.name) say(`${error.message}. ${error.problem.hint}`)
      trouble = error.name
    }
    await Promise.race([woken, sleep(trouble === 'Away' ? againMs : lookMs)])
  }
  return exit.terminated
}

/** Runs that this runner owns and does not drive: after a start, a takeover, or a workflow that failed. */
async function takeUpOwned(
  seat: Seat,
  orders: Orders,
  active: Map<string, Promise<void>>,
  tell: (notice: string) => void,
): Promise<void> {
  const all = await seat.port.owned()
  const ours = new Set(all.map((owned) => `${owned.run} ${owned.epoch}`))
  for (const [id, { epoch }] of seat.claimed) {
    if (ours.has(`${id} ${epoch}`)) continue
    if (active.has(id)) tell(`takeover ${id}`)
    else seat.claimed.delete(id)
  }
  for (const owned of all) {
    if (active.has(owned.run) || seat.parked.get(owned.run) === owned.epoch) continue
    seat.claimed.set(owned.run, owned)
    seat.say(`resumes ${owned.run}, epoch ${owned.epoch}`)
    await begin(seat, orders, active, owned)
  }
}

/**
 * Answers that no run has read, whether a notice told of them or not. Whether a request to go on counts is judged when its
 * run is driven.
 */
async function heedCalls(
  seat: Seat,
  orders: Orders,
  active: Map<string, Promise<void>>,
  tell: (notice: string) => void,
): Promise<void> {
  for (const { id, run: called, isToGoOn, isOver } of await seat.port.called()) {
    if (!isToGoOn) tell(`answer ${called}`)
    else if (active.has(called)) await giveWay(seat, called).catch(() => {})
    else if (isOver) {
      const owned = await seat.port.openAgain(called)
      if (!owned) continue
      seat.claimed.set(called, owned)
      seat.say(`opens ${called} again`)
      await begin(seat, orders, active, owned)
    } else if (!seat.heeded.has(id)) {
      seat.heeded.add(id)
      seat.parked.delete(called)
    }
  }
}

async function begin(
  seat: Seat,
  orders: Orders,
  active: Map<string, Promise<void>>,
  { run: id, epoch }: Owned,
): Promise<void> {
  await orders.start(id, epoch)
  // The workflow begins in a moment; later ones are handed over again by the next look.
  for (let tries = 0; tries < 100 && !active.has(id) && seat.claimed.has(id); tries++) await sleep(10)
}
