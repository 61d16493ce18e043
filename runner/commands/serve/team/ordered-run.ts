import { listEntries, readEntry } from '../../../library.ts'
import type { WaitingOrder } from '../../../pages/acting/going-runs.ts'
import type { OrderedRun } from '../../../pages/acting/ordered-page.ts'
import { readOrder } from '../../../team/order.ts'
import type { TeamRun } from '../../../team/port.ts'
import { isFirst, pagePath, refuse, sentTwice } from '../acts/act.ts'
import { fieldOf, seeOther } from '../room.ts'
import type { Room, Visit } from '../room.ts'
import type { TeamActs } from './wish.ts'

/** Most runs among which an address in small letters is looked for, the newest first. */
const mostRuns = 500

/** The order of an address that has no journal yet; undefined where there is none, or where its run has begun. */
export async function orderAt(team: Pick<TeamActs, 'runs'>, name: string): Promise<TeamRun | undefined> {
  const [exact] = await team.runs({ run: name })
  const row = exact ?? (await team.runs({ limit: mostRuns })).find(({ run }) => run.toLowerCase() === name)
  return row?.size === 0 && row.statement !== '' ? row : undefined
}

/** All that the page of an ordered run says. */
export async function orderedRun(
  team: TeamActs,
  { config }: Pick<Room, 'config'>,
  row: TeamRun,
): Promise<Omit<OrderedRun, 'withdraw'> | undefined> {
  const read = readOrder(row.statement)
  if (!read.ok) return undefined
  const { run, slug, key, status, declined, wants, orderedAt } = row
  const { by, expires, notBefore, inputs } = read.value
  const isOfKey = (other: TeamRun): boolean => other.run !== run && other.orderedAt < orderedAt
  const [runners, holder, queued] = await Promise.all([
    team.runners(),
    team.holder(key),
    team.runs({ state: 'queued', keys: [key] }),
  ])
  return {
    run,
    slug,
    title: (await titleOf(config, slug)) ?? slug,
    state:
      row.state === 'expired'
        ? status === 'withdrawn'
          ? status
          : 'expired'
        : row.state === 'queued'
          ? 'queued'
          : 'taken',
    by: by.id,
    orderedAt: orderedAt.toISOString(),
    expiresAt: expires,
    notBefore,
    inputs,
    runner: row.runner ?? wants,
    key,
    holder: holder?.run === run ? undefined : holder,
    earlier: queued.filter(isOfKey).length,
    runners: runners.map(({ name, alive, seenAt, owns, runs }) => ({
      name,
      isAlive: alive,
      seenAt: seenAt.toISOString(),
      owns,
      most: runs,
      declined: declined[name] ?? '',
    })),
  }
}

/** The orders of a runbook that no runner has taken, the newest first. Those of an order over many targets are in its page. */
export async function waitingOrdersOf(
  team: Pick<TeamActs, 'runs'>,
  slug: string,
  base: string,
): Promise<WaitingOrder[]> {
  const queued = await team.runs({ state: 'queued', alone: true, limit: mostRuns })
  return queued.flatMap((row) => {
    const read = readOrder(row.statement)
    if (row.slug !== slug || !read.ok) return []
    return [{ page: base + pagePath(row.run), by: read.value.by.id, orderedAt: row.orderedAt.toISOString() }]
  })
}

async function titleOf(config: Room['config'], slug: string): Promise<string | undefined> {
  const entry = listEntries(config.content).find((one) => one.slug === slug)
  return entry && (await readEntry(entry, config.root, config.kinds)).runbook?.meta.title
}

/** The subject of the form that withdraws an order. */
export const withdrawalOf = (run: string): string[] => ['withdraw', run]

/** Takes an order back that no runner has taken. */
export async function withdrawOrder(visit: Visit, team: TeamActs): Promise<Response> {
  const { room, context, session } = visit
  const name = context.req.param('run') ?? ''
  const back = room.guard.folder + pagePath(name)
  const row = await orderAt(team, name)
  if (row?.state !== 'queued')
    return refuse(
      visit,
      { status: 409, problem: 'A runner has taken the order, or it is over; nothing was done.' },
      back,
    )
  if (!room.tokens.fits(session, withdrawalOf(row.run), fieldOf(visit, '~token')))
    return refuse(
      visit,
      { status: 409, problem: 'This form is not one of this page; nothing was done.' },
      back,
    )
  if (!(await isFirst(visit))) return refuse(visit, sentTwice, back)
  const isDone = await team.withdraw(row.run)
  return isDone
    ? seeOther(visit, pagePath(row.run))
    : refuse(
        visit,
        { status: 409, problem: 'A runner has taken the order meanwhile; nothing was done.' },
        back,
      )
}
