import { waveOf, orderOfTarget } from '../fleet/fleet.ts'
import { statementOf } from '../statement.ts'
import type { TargetRun, TeamDesk, TeamFleet, TeamPort } from '../port.ts'

/** How this program asks the database. */
interface Asking {
  rows<T extends object>(text: string, values?: unknown[]): Promise<T[]>
  /** Calls one of the functions of the schema. */
  call<T>(name: string, ...values: unknown[]): Promise<T>
  /** Calls one as this process, which it names first. */
  own<T>(name: string, ...values: unknown[]): Promise<T>
}

const open = `exists (select from runbook.run r where r.fleet = f.fleet and (r.state = 'owned'
  or (r.state = 'queued' and r.expires_at > clock_timestamp())))`

/** The part of the port about orders over many targets. */
export function fleetRows({
  rows,
  call,
  own,
}: Asking): Pick<TeamDesk, 'enqueueFleet' | 'fleets' | 'decideFleet'> &
  Pick<TeamPort, 'nextUndo' | 'reopen'> {
  async function whole(row: Omit<TeamFleet, 'runs' | 'acts'>): Promise<TeamFleet> {
    const [runs, acts] = await Promise.all([
      rows<TargetRun>(
        `select run, state, status, waiting, runner, size, ended_at as "endedAt", declined
         from runbook.run where fleet = $1`,
        [row.fleet],
      ),
      rows<{ statement: string; signature: string }>(
        'select statement, signature from runbook.fleet_act where fleet = $1 order by no',
        [row.fleet],
      ),
    ])
    return { ...row, runs, acts }
  }

  return {
    enqueueFleet({ fleet, statement, signature }) {
      const places = fleet.targets.map((_, at) => at + 1)
      return call(
        'enqueue_fleet',
        fleet.fleet,
        fleet.slug,
        fleet.budget,
        fleet.parallel,
        fleet.pause,
        fleet.approvers.length > 0,
        fleet.wants,
        fleet.notBefore || null,
        fleet.expires,
        statement,
        signature,
        fleet.targets.map(({ run }) => run),
        fleet.targets.map(({ key }) => key),
        places.map((place) => waveOf(fleet, place)),
        places.map((place) => statementOf(orderOfTarget(fleet, place))),
      )
    },
    async fleets({ fleet, named, open: isOpen = false, limit = 100 } = {}) {
      const listed = await rows<Omit<TeamFleet, 'runs' | 'acts'>>(
        `select fleet, slug, statement, signature, clock_timestamp() as now from runbook.fleet f
         where ($1::text is null or fleet = $1) and ($2::text is null or right(fleet, length($2)) = $2) and (not $3 or ${open})
         order by ordered_at desc, fleet desc limit $4`,
        [fleet ?? null, named ?? null, isOpen, limit],
      )
      const all: TeamFleet[] = []
      for (const row of listed) all.push(await whole(row))
      return all
    },
    decideFleet: ({ fleet, act, wave, failed, runs }, { statement, signature }) =>
      call('decide_fleet', fleet, act, wave, failed, runs, statement, signature),
    async nextUndo(except) {
      const [next] = await rows<{ run: string; fleet: string }>('select * from runbook.next_undo($1)', [
        except,
      ])
      return next
    },
    reopen: (run) => own('reopen', run),
  }
}
