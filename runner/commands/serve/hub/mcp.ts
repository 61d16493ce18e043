import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { silentIo } from '../../mcp/desk.ts'
import type { Desk } from '../../mcp/desk.ts'
import { makeServer } from '../../mcp/server.ts'
import type { Room } from '../room.ts'
import { may } from '../../../permissions/may.ts'
import type { Action } from '../../../permissions/may.ts'
import { agentOrders } from './agent-orders.ts'
import { admitBearer, clientOf, proofOf } from './bearer.ts'
import type { Bearer } from './bearer.ts'
import { tellAct } from './hub.ts'
import type { Hub } from './hub.ts'
import type { Mirror } from './mirror.ts'
import { hubRoutes } from './routes.ts'
import { accessOfAll } from './situation.ts'

/**
 * Adds the tools of `runbook mcp` over HTTP, for agents with a token. Each request has a server of its own, made for its
 * token: two clients share nothing.
 */
export function addMcp(
  app: Hono<{ Bindings: HttpBindings }>,
  hub: Hub,
  room: Room,
  mirror: Mirror | undefined,
): void {
  app.post(hub.base + hubRoutes.mcp.path, async (context) => {
    const bearer = await admitBearer(hub, context, hubRoutes.mcp, 'mcp')
    if (bearer instanceof Response) return bearer
    const { token } = bearer
    const desk = await deskOf(hub, room, bearer, mirror)
    // The body is read once, and told before it is acted on.
    const body: unknown = await context.req.json().catch(() => undefined)
    const called = toolOf(body)
    if (called !== undefined)
      await tellAct(hub, context, {
        ...proofOf(token),
        ...called,
        act: `mcp.${called.act}`,
        outcome: 'allowed',
      })
    const handler = createMcpHandler(() => makeServer(desk))
    try {
      return await handler.fetch(context.req.raw, { parsedBody: body })
    } finally {
      await handler.close()
    }
  })
}

const run: Action = { verb: 'run', on: 'runbook', act: true }
const read: Action = { verb: 'read', on: 'runbook', act: false }

/** Where the agent of a token is served: it sees and runs what its token and its owner may at this moment. */
async function deskOf(
  hub: Hub,
  room: Room,
  { token, principal }: Bearer,
  mirror: Mirror | undefined,
): Promise<Desk> {
  const { io } = room
  const { config, origin, base } = hub
  const { rights } = hub.directory()
  const access = await accessOfAll(config)
  const mayDo = (action: Action, slug: string): boolean =>
    may(principal, action, { slug, access: access.get(slug) }, rights) === 'allow'
  const runbooks = [...access.keys()].filter((slug) => mayDo(run, slug))
  return {
    config,
    io: { ...silentIo(io).io, env: { ...io.env, RUNBOOK_ACTOR: token.owner } },
    // A writing step waits for a person: no token is one of its two keys.
    mode: token.kind === 'agent' && runbooks.length > 0 ? 'real' : undefined,
    runbooks,
    allowWrite: false,
    sees: (slug) => mayDo(read, slug),
    client: clientOf(token.id),
    pages: origin + base,
    orders: mirror && agentOrders(room, mirror, token),
  }
}

/** The tool that a message calls, and what about; undefined for one that only asks what there is. */
function toolOf(body: unknown): { act: string; about: string } | undefined {
  const messages = (Array.isArray(body) ? body : [body]) as readonly unknown[]
  const called = messages.flatMap((message) => {
    if (typeof message !== 'object' || message === null || !('method' in message)) return []
    const { method, params } = message as { method: unknown; params?: unknown }
    if (method !== 'tools/call' && method !== 'tasks/cancel') return []
    const { name, taskId, arguments: given } = (params ?? {}) as Record<string, unknown>
    const { runbook, run: id } = (given ?? {}) as Record<string, unknown>
    const text = (...values: unknown[]): string => values.find((value) => typeof value === 'string') ?? ''
    return [{ act: text(name, method), about: text(runbook, id, taskId) }]
  })
  return called.length === 0
    ? undefined
    : { act: called.map(({ act }) => act).join(','), about: called.map(({ about }) => about).join(',') }
}
