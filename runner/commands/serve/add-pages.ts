import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import { answer } from './acts/answer.ts'
import { attesting } from './acts/attest.ts'
import { decide, signing } from './acts/decide.ts'
import { resume, rollback, stop, watch } from './acts/control.ts'
import { preview } from './acts/preview.ts'
import { start, startable } from './acts/start.ts'
import { makeStreams } from './changes.ts'
import { servePage } from './page-server.ts'
import type { PageSource } from './page-server.ts'
import type { Room, Visit } from './room.ts'
import { routes, teamRoutes } from './routes.ts'
import type { RouteName } from './routes.ts'

type Handler = (visit: Visit) => Response | Promise<Response>

/** Adds the pages of a room and the acts on them. `others` are routes that only some servers have. */
export function addPages(
  app: Hono<{ Bindings: HttpBindings }>,
  room: Room,
  site: PageSource,
  others: Partial<Record<RouteName, Handler>> = {},
): void {
  const { guard, base, foot } = room
  const sources = [room.pages, startable(room, site), site]
  const handlers: Partial<Record<RouteName, Handler>> = {
    ...others,
    changes: makeStreams().follow,
    preview,
    answer,
    decide,
    stop,
    ...(room.team === undefined ? { resume, rollback, watch, start } : { ...room.team.acts, start }),
    page: ({ context, session }) =>
      servePage(context, { base, folder: guard.folder, foot, sources }, session),
  }
  // The pages of passkeys are apps of their own, with their own rules beside these.
  const passkeyPages = [
    [routes.signing, routes.sign, signing(room)],
    [routes.attesting, routes.attest, attesting(room)],
    ...(room.team === undefined ? [] : room.team.pages(room)),
  ] as const
  for (const [read, act, pages] of passkeyPages) {
    app.on(['GET', 'POST'], guard.folder + read.path, async (context, next) => {
      const session = await guard.admit(context, context.req.method === 'POST' ? act : read)
      return session instanceof Response ? session : next()
    })
    app.route(guard.folder + read.path, pages)
  }
  const handled = (Object.entries(handlers) as [RouteName, Handler][]).map(
    ([name, handle]) =>
      [
        room.team !== undefined && isSignedNext(name) ? { ...routes[name], signed: true } : routes[name],
        handle,
      ] as const,
  )
  const ofTeam =
    room.team === undefined
      ? []
      : [
          [teamRoutes.takeover, room.team.takeover] as const,
          [teamRoutes.withdraw, room.team.withdraw] as const,
        ]
  for (const [route, handle] of [...ofTeam, ...handled]) {
    app.on(route.method, guard.folder + route.path, async (context) => {
      const session = await guard.admit(context, route)
      if (session instanceof Response) return session
      return handle({ room, context, session, fields: await fieldsOf(context) })
    })
  }
}

/** An act of a hub of a team that is signed on the page that follows. */
function isSignedNext(name: RouteName): boolean {
  return name === 'resume' || name === 'rollback' || name === 'watch'
}

/** The fields of the form of an act; none of a request that reads. */
async function fieldsOf(context: Context): Promise<[name: string, value: string][]> {
  const isForm = context.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  return context.req.method === 'POST' && isForm ? [...new URLSearchParams(await context.req.text())] : []
}
