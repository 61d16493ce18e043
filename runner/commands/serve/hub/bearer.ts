import type { Context } from 'hono'
import { plain } from '../../../http/request-rules.ts'
import { spelling } from '../../../model/people/person.ts'
import { may } from '../../../permissions/may.ts'
import type { Action, Principal } from '../../../permissions/may.ts'
import { findToken } from './api-tokens.ts'
import type { Token } from './api-tokens.ts'
import { remoteAddress, tellAct } from './hub.ts'
import type { Hub } from './hub.ts'

/** Most requests of one token, and most of one address without a token that counts, within a minute. */
const most = { requests: 600, wrong: 60 }

/** A program that asks with a token. */
export interface Bearer {
  token: Token
  principal: Principal
}

/**
 * The token of a request that may do this; otherwise the answer that refuses it. A browser does not ask so: a request with a
 * cookie or an origin is refused, whatever its token is.
 */
export async function admitBearer(
  hub: Hub,
  context: Context,
  action: Action,
  name: string,
): Promise<Bearer | Response> {
  const { store } = hub
  if (context.req.header('cookie') !== undefined || context.req.header('origin') !== undefined)
    return plain(context, 400, 'This address is for programs: a request has neither a cookie nor an origin')
  const address = remoteAddress(context)
  const text = /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? ''
  const token = await findToken(store, text)
  if (!token) {
    if ((await store.count(`wrong ${address}`)) > most.wrong)
      return plain(context, 429, 'Too many wrong tokens; wait a minute')
    if (text !== '')
      await hub.audit({
        who: '-',
        proof: 'none',
        by: /^rbk_[sa]_[a-z0-9]{12}/.exec(text)?.[0] ?? '-',
        act: name,
        about: '',
        outcome: 'sign-in',
        from: address,
      })
    context.header('www-authenticate', 'Bearer')
    return plain(context, 401, 'The token is unknown, has ended or was revoked')
  }
  if ((await store.count(`token ${token.id}`)) > most.requests)
    return plain(context, 429, 'Too many requests of this token; wait a minute')
  const principal = principalOfToken(hub, token)
  const verdict = may(principal, action, undefined, hub.directory().rights)
  if (verdict === 'allow') return { token, principal }
  await tellAct(hub, context, { ...proofOf(token), act: name, about: '', outcome: verdict })
  return plain(context, 403, `The token does not have the right \`${action.verb}\``)
}

/** The rights of a token are its scope, as far as those of its owner go at this moment. */
function principalOfToken(hub: Hub, { id, kind, owner, scope }: Token): Principal {
  const roles = hub.directory().rolesOf(owner)
  return { kind, isValid: true, id: clientOf(id), person: spelling(owner), roles, groupRoles: [], scope }
}

/** The name under which the runs of a token are known. */
export function clientOf(id: string): string {
  return `token-${id}`
}

export function proofOf({ id, owner }: Token): { who: string; proof: 'token'; by: string } {
  return { who: owner, proof: 'token', by: id }
}
