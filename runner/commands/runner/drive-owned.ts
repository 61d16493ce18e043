import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { lostEpoch, markTakenOver } from '../../team/restore.ts'
import type { Stretch } from '../../engine/drive.ts'
import type { Driver } from '../../engine/run.ts'
import { resumeRun, startRun } from '../../engine/runs.ts'
import { checkerOf } from '../../engine/sign/trust.ts'
import { hasBegun, readRun, runFolder } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import type { Io } from '../../kit/io.ts'
import type { Signals } from '../../kit/signals.ts'
import { version } from '../../kit/version.ts'
import { agentOf } from '../../model/people/agents.ts'
import type { Actor } from '../../model/plan.ts'
import { isProblemError, problemOf } from '../../model/problem.ts'
import { orderDoubt, readOrder, readTakeover, takeoverDoubt } from '../../team/order.ts'
import type { Order, Owned, Takeover } from '../../team/port.ts'
import { pageDoubt } from '../../team/page-signature.ts'
import { Away, Doubted, Forked, Lost } from '../../team/refusals.ts'
import { readSchedules, scheduleDoubt, schedulesFile } from '../../team/schedules.ts'
import { sharedRuns } from '../../team/shared-runs.ts'
import { makeDriver } from '../exec/driver.ts'
import { requireAll } from '../exec/require-all.ts'
import { refuseLeaks } from '../shared/plan/refuse-leaks.ts'
import { gatherSecrets } from '../shared/plan/gather-secrets.ts'
import { identify } from '../shared/people/identify.ts'
import { provenKey, trustFor } from '../shared/people/keys.ts'
import { refuseToStart, refuseWithin } from '../shared/people/plan-people.ts'
import { restoreAll } from './believe-copy.ts'
import { heard } from './heed.ts'
import { personDoubt, serviceDoubt } from '../shared/team/service.ts'
import { targetDoubt, undoOf } from './fleet-part.ts'
import { orderedPlan } from './ordered-plan.ts'
import type { Seat } from './seat.ts'

/** Time before a run that cannot go on is tried again, in milliseconds. */
const againMs = 10_000

/**
 * Drives a run that this runner owns, from where it stands to its end. Never throws: a failure of the run is in its
 * journal, an order that cannot be taken is given back, and what is left is tried again later.
 */
export async function driveOwned(seat: Seat, owned: Owned): Promise<void> {
  const { port, say } = seat
  const { run, epoch } = owned
  try {
    const end = await driven(seat, owned)
    if (end.type === 'interrupted' && !(await isCalled(seat, run))) seat.parked.set(run, epoch)
    say(`${run}: ${end.type === 'ended' ? end.status : end.type}`)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    say(`${run}: ${words}`)
    if (error instanceof Lost) markTakenOver(runFolder(seat.config.state, run), words)
    else if (error instanceof Forked || error instanceof Doubted) seat.parked.set(run, epoch)
    else if (!(error instanceof Away) && owned.size === 0 && !hasBegun(runFolder(seat.config.state, run)))
      await port.decline(run, epoch, words).catch(() => {})
    else {
      if (!isProblemError(error)) say(String((error as Error).stack))
      await sleep(againMs)
    }
  }
}

/** Whether a person has signed how a run that was stopped goes on. */
async function isCalled(seat: Seat, run: string): Promise<boolean> {
  return (await heard(seat, readRun(seat.config.state, run))).some(({ read }) => read.ok)
}

async function driven(seat: Seat, owned: Owned): Promise<Stretch> {
  const { config, port, name } = seat
  const { run, epoch, statement, signature } = owned
  const check = checkerOf(trustFor(config), seat.io.env)
  const order = statement === '' ? undefined : readOrder(statement)
  if (order && !order.ok) throw new Error(order.problem.message)
  const wish = order?.value
  // The last owner may have begun something under a permission it had.
  await sleep(owned.waitMs)
  const folder = runFolder(config.state, run)
  const lost = lostEpoch(folder)
  if (lost !== undefined && epoch <= lost)
    throw new Doubted(`this machine lost the run after epoch ${lost}, and the database has epoch ${epoch}`)
  const acts = await port.takeovers(run)
  const act = acts.find((one) => one.epoch === epoch)
  const takeover = act && readTakeover(act.statement)
  if (act && takeover) {
    const doubt = takeover.ok
      ? (personDoubt(config, takeover.value.by.id) ??
        takeoverDoubt(takeover.value, act, { run, epoch, runner: name, check }))
      : takeover.problem.message
    if (doubt !== undefined) throw new Doubted(`the takeover does not count: ${doubt}`)
  }
  if (owned.size > 0 || hasBegun(folder)) {
    await restoreAll(seat, { owned, order: wish, check })
    const before = lastEpoch(readRun(config.state, run))
    if (before !== undefined && epoch > before && act === undefined)
      throw new Doubted(`epoch ${epoch} has no takeover, and its journal is of epoch ${before}`)
    const onPage = act && pageDoubt(act.signature, readRun(config.state, run).plan)
    if (onPage !== undefined) throw new Doubted(`the takeover does not count: ${onPage}`)
    return goOn(seat, owned, takeover?.ok ? takeover.value : undefined, wish)
  }
  if (wish === undefined) throw new Error('there is no order for it, and no journal')
  const believing = { runner: name, accepts: seat.team.accepts, check, now: Date.now() }
  const doubt = wish.fleet
    ? await targetDoubt(seat, wish, statement, believing)
    : orderDoubt(wish, { statement, signature }, believing)
  const schedules = readSchedules(schedulesFile(config))
  const words = doubt ?? serviceDoubt(wish, config) ?? scheduleDoubt(wish, schedules, Date.now())
  if (words !== undefined) throw new Error(words)
  return begin(seat, owned, wish, signature)
}

async function begin(seat: Seat, owned: Owned, order: Order, signature: string): Promise<Stretch> {
  const { config } = seat
  const io = ioAs(seat, order.by)
  const { runbook, plan, secrets, document } = await orderedPlan(config, order, io)
  // The order over its targets has the signature of one of them.
  const onPage = order.fleet ? undefined : pageDoubt(signature, plan)
  if (onPage !== undefined) throw new Error(onPage)
  await requireAll(plan, io)
  await refuseWithin(runbook, order.practice, config, io)
  await refuseToStart(plan, order.practice, config, io)
  refuseLeaks(plan, document, secrets)
  const driver = await driverFor(
    seat,
    owned,
    { plan, secrets, practice: order.practice },
    asked(order.by),
    io,
  )
  const { fingerprint } = order.alert
  const selection = { from: order.from, only: [], skip: [], reason: 'the order says so' }
  const { end } = await startRun(
    {
      run: order.run,
      plan,
      document,
      cwd: io.cwd,
      version,
      practice: order.practice,
      ...(order.from === '' ? {} : { selection }),
      ...(fingerprint === undefined ? {} : { alert: { ...order.alert } }),
    },
    driver,
  )
  return end
}

async function goOn(
  seat: Seat,
  owned: Owned,
  takeover: Takeover | undefined,
  order: Order | undefined,
): Promise<Stretch> {
  const { config, port } = seat
  const { run, epoch } = owned
  const stored = readRun(config.state, run)
  const { plan, state, events } = stored
  const said = await heard(seat, stored)
  const word = said.find(({ read }) => read.ok)
  for (const one of said)
    if (one === word || !one.read.ok) await port.takeAnswer(run, epoch, one.answer.id, problemOf(one.read))
  const last = events.at(-1)
  const isStopped = last?.type === 'run-paused' && last.data['topic'] === ''
  const wish = word?.read.ok ? word.read.value : undefined
  const undo =
    order?.fleet && state.endedAt !== undefined ? await undoOf(seat, order, state.status) : undefined
  const isNew = takeover !== undefined && !hasHad(stored, epoch)
  if (state.endedAt !== undefined && !wish && !undo) return finished(seat, owned, stored)
  if (isStopped && !wish && !isNew) return { type: 'interrupted', message: 'it was stopped' }
  const actor = wish?.by ?? undo?.by ?? (isNew ? takeover.by : watchOf(stored))
  const io = ioAs(seat, actor)
  const secrets = await gatherSecrets(plan, [], io)
  const practice = state.practice === true
  const driver = await driverFor(seat, owned, { plan, secrets, practice }, asked(actor), io)
  const how = {
    cwd: io.cwd,
    ...(undo ? { rollback: undo.reason } : {}),
    ...(wish?.act === 'rollback' ? { rollback: wish.reason } : {}),
    ...(isNew ? { note: { takenOver: { was: takeover.was, reason: takeover.reason } } } : {}),
  }
  return (await resumeRun(run, driver, how)).end
}

/** Its end is here, and only has to be told. */
async function finished(seat: Seat, owned: Owned, stored: StoredRun): Promise<Stretch> {
  const { plan, state, folder } = stored
  const { cancelled } = signalsOf()
  const shared = memberRuns(seat, owned)
  const open = await shared.open({ id: owned.run, plan, folder, parent: undefined, cancelled })
  await open.close()
  return { type: 'ended', status: state.status as 'succeeded', message: '', step: '' }
}

/** Who started or resumed it last: a process that only comes back drives it for the same person. */
function watchOf({ events, state }: StoredRun): Actor {
  return events.findLast(({ type }) => type === 'run-started' || type === 'run-resumed')?.actor ?? state.actor
}

/** The newest epoch that the journal names. */
function lastEpoch({ events }: StoredRun): number | undefined {
  return events.map(({ data }) => data['epoch']).findLast((epoch) => typeof epoch === 'number')
}

function hasHad({ events }: StoredRun, epoch: number): boolean {
  return events.some(({ data }) => data['epoch'] === epoch)
}

/** The run of an agent stays one, although a person signed its order. */
function asked(by: Actor): Actor {
  return { ...by, via: by.via === 'agent' ? by.via : 'order' }
}

/** The edges of a run that belongs to somebody: its lines are in the journal, so nothing is printed. */
function ioAs({ io, config }: Seat, by: Actor): Io {
  const silent = (): void => {}
  return {
    ...io,
    cwd: config.root,
    env: { ...io.env, RUNBOOK_ACTOR: by.id },
    json: true,
    interactive: false,
    out: silent,
    note: silent,
    write: silent,
  }
}

function memberRuns(seat: Seat, owned: Owned) {
  const { port, name, notices, team } = seat
  return sharedRuns({
    port,
    name,
    ships: team.ships,
    notices,
    claimed: new Map([[owned.run, owned]]),
    patience: () => new AbortController().signal,
    onUnstored: (run, error) => seat.say(`${run}: ${error.message}`),
  })
}

function signalsOf(): Signals {
  const [soft, hard] = [new AbortController(), new AbortController()]
  return {
    cancelled: soft.signal,
    killed: hard.signal,
    stop(now = false) {
      soft.abort()
      if (now) hard.abort()
    },
    terminated: () => false,
    remove() {},
  }
}

/** The requester is the actor; this runner only signs the head, and counts as one who ran it. */
async function driverFor(
  seat: Seat,
  owned: Owned,
  wanted: Parameters<typeof makeDriver>[1],
  actor: Actor,
  io: Io,
): Promise<Driver> {
  const { config, name } = seat
  const signing = provenKey(config, io)
  const signals = signalsOf()
  seat.stops.set(owned.run, () => signals.stop())
  const own = await identify(config, seat.io, 'runner')
  const id = own.from === 'RUNBOOK_ACTOR' ? own.actor.id : `${name}@runners`
  const team = {
    sealer: { id, host: hostname(), via: 'runner' },
    shared: memberRuns(seat, owned),
    actor,
    askedBy: actor,
  }
  // An agent asked for it, and a person signed that alone: a step that changes something still waits for a person.
  const agent = actor.via === 'agent' ? agentOf(actor) : undefined
  const options = { ...(agent === undefined ? { yes: true } : { agent }), remote: true, wait: true }
  return makeDriver({ config, io, options, signals, signing, team }, wanted)
}
