import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import { enrolPasskey } from '../../../engine/people/enrolment.ts'
import { namespaces } from '../../../journal/verify/evidence.ts'
import { signingApp } from '../../../http/signing-app.ts'
import { failure, success } from '../../../model/problem.ts'
import { teamNamespaces } from '../../../team/statement.ts'
import { passkeyHost } from '../standing.ts'
import type { Hub } from './hub.ts'
import type { HubGuard } from './hub-guard.ts'
import { hubRoutes } from './routes.ts'

/**
 * Adds the page on which a person makes a passkey for the pages of this hub. It changes nothing here: the line that it answers
 * counts once a reviewed change has put it into the list of keys.
 */
export function addPasskey(app: Hono<{ Bindings: HttpBindings }>, hub: Hub, guard: HubGuard): void {
  const { base, origin } = hub
  const path = base + hubRoutes.passkey.path
  const person = async (context: Context): Promise<string | undefined> => {
    const session = await guard.admit(context, hubRoutes.passkey)
    return session instanceof Response ? undefined : session.person
  }
  app.on(['GET', 'POST'], path, async (context, next) => {
    const route = context.req.method === 'POST' ? hubRoutes.newPasskey : hubRoutes.passkey
    const session = await guard.admit(context, route)
    return session instanceof Response ? session : next()
  })
  app.route(
    path,
    signingApp({
      origin,
      ask: async (context) => {
        const by = await person(context)
        if (by === undefined || passkeyHost(origin) === undefined) return undefined
        return {
          title: 'A passkey for this hub',
          shown:
            'Your device makes a passkey that signs on the pages of this hub alone.\nIt counts once the line that you get is in allowed_signers, by a change that somebody else reviews.',
          namespace: namespaces.presence,
          by,
          back: ['Back to the account', `${base}${hubRoutes.account.path}`],
        }
      },
      take: async (signed, context) => {
        const by = await person(context)
        if (by === undefined) return failure('You are not signed in')
        const purposes = Object.values(teamNamespaces)
        const line = enrolPasskey(by, signed, new URL(origin).hostname, process.env, {
          purposes,
          place: 'hub',
        })
        return line.ok ? success(`Add this line to allowed_signers:\n${line.value}`) : line
      },
    }),
  )
}
