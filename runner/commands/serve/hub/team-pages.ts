import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import { always, plain } from '../../../http/request-rules.ts'
import { counted } from '../../../model/counted.ts'
import type { Io } from '../../../kit/io.ts'
import type { Markup } from '../../../pages/markup.ts'
import { readStored } from '../../../team/fleet/believe.ts'
import { judgeOf } from '../../shared/team/fleets.ts'
import type { Hub } from './hub.ts'
import type { HubGuard } from './hub-guard.ts'
import type { Mirror } from './mirror.ts'
import { hubPage } from './pages/hub-page.ts'
import { fleetPage } from './pages/fleet-page.ts'
import { ordersPage, runnersPage } from './pages/orders-page.ts'
import { hubRoutes } from './routes.ts'

/** Most orders over targets that the page lists, the newest first. */
const mostFleets = 30

/** Adds the pages of orders and runners, where there is a team. Each person sees the orders that they may read. */
export function addTeamPages(
  app: Hono<{ Bindings: HttpBindings }>,
  hub: Hub,
  io: Pick<Io, 'cwd' | 'env'>,
  guard: HubGuard,
  mirror: Mirror | undefined,
): void {
  const { base, config } = hub
  const pages = [
    [hubRoutes.orders, 'Orders', orders],
    [hubRoutes.runners, 'Runners', runners],
  ] as const
  for (const [route, title, body] of pages)
    app.get(base + route.path, async (context) => {
      const session = await guard.admit(context, route)
      if (session instanceof Response) return session
      if (!mirror) return plain(context, 404, 'There is no such page')
      return hubPage(context, 200, title, await body(mirror, session.sees), hub)
    })

  app.get(base + hubRoutes.fleet.path, async (context) => {
    const session = await guard.admit(context, hubRoutes.fleet)
    if (session instanceof Response) return session
    const [stored] = mirror ? await mirror.port.fleets({ fleet: context.req.param('fleet') ?? '' }) : []
    const read =
      stored && session.sees(stored.slug) ? readStored(stored, await judgeOf(config, io)) : undefined
    if (!read) return plain(context, 404, 'There is no such page')
    const { slug, targets } = read.fleet
    const title = `${slug} on ${counted(targets.length, 'target')}`
    return hubPage(context, 200, title, fleetPage(read, base), hub)
  })

  async function orders({ port }: Mirror, sees: (slug: string) => boolean): Promise<Markup> {
    const judge = await judgeOf(config, io)
    const fleets = (await port.fleets({ limit: mostFleets }))
      .filter(({ slug }) => sees(slug))
      .flatMap((one) => readStored(one, judge) ?? [])
    const rows = (await port.runs({ alone: true })).filter(({ slug }) => sees(slug))
    return ordersPage(fleets, rows, base)
  }

  async function runners({ port }: Mirror): Promise<Markup> {
    return runnersPage(await port.runners())
  }
}

/** Carries the answers of an act to the team before the person is told that it was done. */
export function carrying(hub: Hub, mirror: Mirror) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    await next()
    const run = /^runs\/([^/]+)\//.exec(context.req.path.slice(hub.base.length))?.[1]
    if (context.req.method !== 'POST' || run === undefined || context.res.status >= 400) return
    const rows = await mirror.port.runs().catch(() => [])
    const id = rows.find((row) => row.run.toLowerCase() === run)?.run
    try {
      if (id === undefined) throw new Error('The run is not in the database')
      await mirror.carry(id)
    } catch {
      context.res = new Response('The database of the team is away; nothing was left there\n', {
        status: 503,
        headers: always,
      })
    }
  }
}
