import type { Call, CommandReport } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { counted } from '../../model/counted.ts'
import { actDoubt } from '../../team/fleet/believe.ts'
import type { ReadFleet } from '../../team/fleet/believe.ts'
import { makeFleetAct, signFleetAct } from '../../team/fleet/fleet.ts'
import { laterRuns } from '../../team/fleet/later-runs.ts'
import type { LaterRun } from '../../team/fleet/later-runs.ts'
import type { FleetAct, TeamDesk } from '../../team/port.ts'
import { findFleet, judgeOf } from '../shared/team/fleets.ts'
import { identify } from '../shared/people/identify.ts'
import { provenKey } from '../shared/people/keys.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { fleetArgs } from '../shared/options.ts'

type Kind = FleetAct['act']

/** Runs with a key of its targets that are looked at, the newest first. */
const mostLater = 100_000

interface Deciding extends Pick<Call<typeof fleetArgs, object>, 'io' | 'args' | 'dryRun'> {
  options: { reason?: string | undefined; target?: string[] }
}

/** The part of a decision that follows from how the order stands, and what it does in words. */
interface Meaning extends Partial<Pick<FleetAct, 'wave' | 'failed' | 'runs'>> {
  words: string
}

/** The body of a command that signs a decision about an order over targets. */
export function deciding(kind: Kind): (call: Deciding) => Promise<CommandReport> {
  return async ({ io, args, options, dryRun }) => {
    const config = await openWorkspace(io)
    const reason = options.reason?.trim() ?? ''
    if (kind !== 'approve' && reason === '')
      throw new CliError(
        exit.usage,
        'A decision about many targets has a reason',
        'Add --reason "…"; it is recorded.',
      )
    const port = await openTeamOf(config)
    try {
      const judge = await judgeOf(config, io)
      const read = await findFleet(port, args.fleet, judge)
      const later = kind === 'undo' ? await laterThan(read, port) : []
      const { words, ...about } = meanings[kind](read, options.target ?? [], later)
      const { actor: by } = await identify(config, io, 'fleet')
      const { fleet } = read
      const act = makeFleetAct({ fleet: fleet.fleet, act: kind, reason, by, ...about })
      if (dryRun) return { document: { ...act, dryRun }, text: `as ${by.id}: ${words}` }
      const signed = signFleetAct(act, provenKey(config, io).signer)
      // The runners judge it again; where there is no list of keys here, they alone.
      const doubt = signed.signature === '' || judge.check ? actDoubt(fleet, act, signed, judge) : undefined
      if (doubt !== undefined)
        throw new CliError(
          exit.decided,
          `No runner would believe this decision: ${doubt}; nothing was changed`,
          'Name your key with RUNBOOK_SIGNING_KEY, or let a person decide who may.',
        )
      await port.decideFleet(act, signed)
      return { document: act, text: words }
    } finally {
      await port.close()
    }
  }
}

async function laterThan({ fleet, runs }: ReadFleet, port: TeamDesk): Promise<LaterRun[]> {
  const keys = [...new Set(fleet.targets.map(({ key }) => key))]
  return laterRuns(fleet, runs, await port.runs({ keys, begun: true, limit: mostLater }))
}

type Decide = (read: ReadFleet, names: readonly string[], later: readonly LaterRun[]) => Meaning

/** The meaning of each decision as the order stands. Throws CliError where it would change nothing. */
export const meanings: Record<Kind, Decide> = {
  approve({ fleet: { fleet: id }, standing: now }) {
    if (now.needsApproval === 0) throw refusal(id, now.state, 'no wave of it waits for an approval')
    return { wave: now.needsApproval, words: `wave ${now.needsApproval} of ${id} may begin` }
  },
  stop({ fleet: { fleet: id }, standing: now }) {
    if (now.state !== 'running' && now.state !== 'waiting')
      throw refusal(id, now.state, 'only one that goes on is stopped')
    return { words: `nothing new of ${id} starts; ${counted(now.running, 'run')} under way` }
  },
  resume({ fleet: { fleet: id }, standing: now }) {
    if (now.state !== 'stopped') throw refusal(id, now.state, 'only one that is stopped is resumed')
    return {
      failed: now.failed,
      words: `${id} goes on with ${counted(now.notStarted, 'target')}; ${now.failed} failed, and are accepted`,
    }
  },
  undo({ fleet: { fleet: id }, standing: now }, names, later) {
    const unknown = names.find((name) => !now.list.some((one) => one.name === name))
    if (unknown !== undefined) throw refusal(id, now.state, `\`${unknown}\` is not a target of it`)
    const since = new Map(later.map(({ name, run }) => [name, run]))
    const isChosen = (name: string): boolean => (names.length === 0 ? !since.has(name) : names.includes(name))
    const chosen = now.list.filter(({ name }) => isChosen(name))
    const changed = chosen.filter(({ state }) => undoable.has(state))
    const left = now.list.filter(
      ({ name, state }) => !isChosen(name) && since.has(name) && undoable.has(state),
    )
    const omitted = names.length > 0 || left.length === 0 ? '' : `; ${leftWords(left, since)}`
    if (changed.length === 0) throw refusal(id, now.state, `no target of it is to be rolled back${omitted}`)
    return {
      runs: names.length === 0 && left.length === 0 ? [] : chosen.map(({ run }) => run),
      words: `nothing new of ${id} starts; to be rolled back, the last wave first: ${counted(changed.length, 'target')}${omitted}`,
    }
  },
}

const undoable: ReadonlySet<string> = new Set(['done', 'failed', 'running'])

/** Targets that are told by their names; the others are counted. */
const mostTold = 20

function leftWords(left: readonly { name: string }[], since: ReadonlyMap<string, string>): string {
  const told = left.slice(0, mostTold).map(({ name }) => `${name} (${since.get(name)})`)
  const rest = left.length > mostTold ? ` and ${left.length - mostTold} more` : ''
  return `left out, because a later run changed them: ${told.join(', ')}${rest}. Name such a target with --target to roll it back, too`
}

function refusal(id: string, state: string, why: string): CliError {
  return new CliError(exit.usage, `${id} is ${state}: ${why}`, `See \`runbook orders ${id}\`.`)
}
