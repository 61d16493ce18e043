import type { Fleet, FleetAct, TargetRun } from '../port.ts'
import { waveOf } from './fleet.ts'

/**
 * `not-started` also when its time is over. `failed` for each run that ended otherwise than succeeded, except those that were
 * rolled back.
 */
type TargetState = 'not-started' | 'running' | 'done' | 'failed' | 'rolled-back' | 'rollback-failed'

export interface TargetStanding {
  name: string
  run: string
  wave: number
  state: TargetState
  /** Topic of the question its run waits for; empty for none. */
  waiting: string
  runner: string
  /** Why runners did not take it. */
  declined: Record<string, string>
}

/** How many targets are in each state; each target is counted once. */
export interface Counts {
  targets: number
  done: number
  /** With those that were rolled back. */
  failed: number
  running: number
  notStarted: number
}

interface WaveStanding extends Counts {
  wave: number
  /** Who let it begin; empty where nobody has to, or has yet. */
  approvedBy: string
}

/**
 * `waiting`: for an approval, or until a pause is over. `stopped`: nothing new starts. `undoing`: runs are rolled back.
 * `expired`: its time is over before each target was begun.
 */
type FleetState = 'running' | 'waiting' | 'stopped' | 'undoing' | 'undone' | 'ended' | 'expired'

/** How an order over targets stands: derived from its list, its runs and the decisions about it, and stored nowhere. */
export interface Standing extends Counts {
  state: FleetState
  /** Why it is in that state, in words. */
  why: string
  /** Targets of waves up to this one may start; 0 when none may. */
  opens: number
  /** The wave that an approval would open; 0 for none. */
  needsApproval: number
  /** Failures that count against the budget. */
  spent: number
  waves: WaveStanding[]
  list: TargetStanding[]
}

/** Runs that a rollback cannot change, or not again. */
const settled: ReadonlySet<string> = new Set(['rolled-back', 'rollback-failed', 'abandoned'])

/**
 * The one rule of waves and budget. `acts` are in the order in which they were made, and each is believed. The function
 * `fleet_open` of the schema says `opens` once more, where two runners ask in one moment.
 * @param now milliseconds since the epoch, by the clock that ended the runs
 */
export function standing(
  fleet: Fleet,
  runs: readonly TargetRun[],
  acts: readonly FleetAct[],
  now: number,
): Standing {
  const byId = new Map(runs.map((run) => [run.run, run]))
  const list = fleet.targets.map(({ name, run }, at) =>
    target(name, run, waveOf(fleet, at + 1), byId.get(run)),
  )
  const counts = count(list)
  const waves = fleet.waves.map((_, at) => ({
    wave: at + 1,
    ...count(list.filter(({ wave }) => wave === at + 1)),
    approvedBy: acts.find(({ act, wave }) => act === 'approve' && wave === at + 1)?.by.id ?? '',
  }))
  const accepted = Math.max(0, ...acts.filter(({ act }) => act === 'resume').map(({ failed }) => failed))
  const spent = Math.max(0, counts.failed - accepted)
  const last = acts.findLast(({ act }) => act !== 'approve')
  const isExpired = Date.parse(fleet.expires) <= now
  const isLeft = ({ run, state }: TargetStanding): boolean =>
    state === 'running' || (state === 'not-started' && byId.get(run)?.state !== 'expired' && !isExpired)
  /** The first wave with a target that is not over. */
  const next = list.find(isLeft)?.wave ?? 0

  const stop = stopOf(last, spent, fleet.budget)
  const hold = stop === undefined && next > 1 ? holdOf(fleet, next, waves, list, byId, now) : undefined
  const rest = fleet.waves.length
  const opens = stop !== undefined ? 0 : hold ? next - 1 : next === 0 ? rest : next
  const common = {
    ...counts,
    opens,
    needsApproval: hold?.type === 'approval' ? next : 0,
    spent,
    waves,
    list,
  }
  if (last?.act === 'undo') {
    const left = toUndo(fleet, runs, acts).length + counts.running
    const state = left > 0 ? 'undoing' : 'undone'
    return { ...common, state, why: `undone by ${last.by.id}${reasonOf(last)}` }
  }
  if (counts.notStarted === 0 && counts.running === 0) return { ...common, state: 'ended', why: '' }
  if (next === 0) return { ...common, state: 'expired', why: `its time was over at ${fleet.expires}` }
  if (stop !== undefined) return { ...common, state: 'stopped', why: stop }
  if (hold) return { ...common, state: 'waiting', why: hold.words }
  return { ...common, state: 'running', why: '' }
}

/** Ids of the runs that are still to be rolled back. */
function toUndo(
  { targets }: Pick<Fleet, 'targets'>,
  runs: readonly TargetRun[],
  acts: readonly FleetAct[],
): string[] {
  const undos = acts.filter(({ act }) => act === 'undo')
  const listed = new Set(targets.map(({ run }) => run))
  return runs
    .filter(
      ({ run, size, state, status }) =>
        listed.has(run) && size > 0 && state === 'ended' && !settled.has(status) && undos.some(covers(run)),
    )
    .map(({ run }) => run)
}

/** Whether a decision to undo is about a run. */
export function covers(run: string): (act: FleetAct) => boolean {
  return ({ act, runs }) => act === 'undo' && (runs.length === 0 || runs.includes(run))
}

function stopOf(last: FleetAct | undefined, spent: number, budget: number): string | undefined {
  if (last?.act === 'undo') return `undone by ${last.by.id}`
  if (last?.act === 'stop') return `stopped by ${last.by.id}${reasonOf(last)}`
  return spent >= budget ? `${spent} failed, and its budget is ${budget}` : undefined
}

function holdOf(
  { approvers, pause }: Fleet,
  next: number,
  waves: readonly WaveStanding[],
  list: readonly TargetStanding[],
  byId: ReadonlyMap<string, TargetRun>,
  now: number,
): { type: 'approval' | 'pause'; words: string } | undefined {
  if (approvers.length > 0 && waves[next - 1]?.approvedBy === '')
    return { type: 'approval', words: `wave ${next} waits for the approval of ${approvers.join(', ')}` }
  const ends = list.filter(({ wave }) => wave < next).map(({ run }) => byId.get(run)?.endedAt?.getTime() ?? 0)
  const until = Math.max(...ends) + pause
  return pause > 0 && until > now
    ? { type: 'pause', words: `wave ${next} waits until ${new Date(until).toISOString()}` }
    : undefined
}

function target(name: string, run: string, wave: number, row: TargetRun | undefined): TargetStanding {
  const { waiting = '', runner, declined = {} } = row ?? {}
  return { name, run, wave, state: stateOf(row), waiting, runner: runner ?? '', declined }
}

function stateOf(row: TargetRun | undefined): TargetState {
  if (row === undefined || row.state === 'queued' || row.state === 'expired') return 'not-started'
  if (row.state === 'owned') return 'running'
  if (row.status === 'succeeded') return 'done'
  return row.status === 'rolled-back' || row.status === 'rollback-failed' ? row.status : 'failed'
}

function count(list: readonly TargetStanding[]): Counts {
  const of = (...states: TargetState[]): number => list.filter(({ state }) => states.includes(state)).length
  return {
    targets: list.length,
    done: of('done'),
    failed: of('failed', 'rolled-back', 'rollback-failed'),
    running: of('running'),
    notStarted: of('not-started'),
  }
}

function reasonOf({ reason }: FleetAct): string {
  return reason === '' ? '' : `: ${reason}`
}
