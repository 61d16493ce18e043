import type { Context } from 'hono'
import type { Session } from '../../../http/access.ts'
import type { Guard } from '../../../http/guard.ts'
import { always, isNavigation, plain } from '../../../http/request-rules.ts'
import { spelling } from '../../../model/people/person.ts'
import { may } from '../../../permissions/may.ts'
import type { Action, Principal, Verdict } from '../../../permissions/may.ts'
import { decodeUri } from '../../../model/text/decode-uri.ts'
import { tellAct } from './hub.ts'
import type { Hub } from './hub.ts'
import { accessOfAll, askedAt } from './situation.ts'
import type { Asked } from './situation.ts'
import { endSessions, findSession, sessionTimes } from './sessions.ts'
import type { HubSession } from './sessions.ts'

/** Most acts of one session within a minute. */
const mostActs = 30

/** A session as pages and acts know it, and as the hub keeps it. */
export interface SignedIn extends Session {
  person: string
  kept: HubSession
  principal: Principal
}

/** The guard of a hub: it lets in people who signed in, as far as their roles go at this moment. */
export interface HubGuard extends Guard {
  admit(context: Context, action: Action): Promise<SignedIn | Response>
}

export function hubGuard(hub: Hub): HubGuard {
  const { base, config, store, now } = hub
  return {
    folder: base,
    async admit(context, action) {
      const kept = await findSession(store, context, now())
      if (kept === 'twice') return plain(context, 400, 'Two cookies have the name of this server')
      if (!kept) return signIn(context, action)
      const directory = hub.directory()
      // A line that was removed ends the session with the next request.
      if (directory.personOf(kept) !== kept.person) {
        await endSessions(store, ({ id }) => id === kept.id)
        return signIn(context, action)
      }
      const principal = principalOf(hub, kept)
      const path = plainPath(new URL(context.req.url).pathname.slice(base.length))
      if (path === undefined) return unknownPage(context)
      const asked = await askedAt(hub, path, action)
      const verdict = isOwnName(context, kept)
        ? may(principal, asked.action, asked.situation, directory.rights)
        : 'forbidden'
      const name = nameOf(action, path)
      if (action.act) {
        if ((await store.count(`acts ${kept.id}`)) > mostActs)
          return plain(context, 429, 'Too many acts in a minute; nothing was done')
        const who = { who: kept.person, proof: 'session' as const, by: `${kept.issuer} ${kept.subject}` }
        const outcome = verdict === 'allow' ? 'allowed' : verdict
        await tellAct(hub, context, { ...who, act: name, about: asked.about, outcome })
      }
      if (verdict !== 'allow') return refusal(context, verdict, asked)
      if (needsFresh(action) && now() - kept.provedAt > sessionTimes.fresh)
        return signInAgain(context, action)
      const access = asked.action.on === 'some' ? await accessOfAll(config) : undefined
      const sees = (slug: string): boolean =>
        may(principal, seeing, { slug, access: access?.get(slug) }, directory.rights) === 'allow'
      return { id: kept.id, person: kept.person, kept, principal, sees }
    },
  }

  /** A page asks the person to sign in and comes back; an act is refused. */
  function signIn(context: Context, { act }: Action): Response {
    if (act) return plain(context, 401, 'You are not signed in; nothing was done')
    // A script of a page cannot follow to the provider, and the browser would call that a server that is away.
    const isScript = context.req.header('sec-fetch-mode') !== undefined && !isNavigation(context)
    if (isScript) return plain(context, 401, 'You are not signed in')
    return context.body(null, 303, { ...always, location: loginAddress(context, '') })
  }

  function signInAgain(context: Context, { act }: Action): Response {
    const back = act ? `${base}account/` : undefined
    const again = loginAddress(context, '&again=1', back)
    if (!act) return context.body(null, 303, { ...always, location: again })
    return plain(
      context,
      401,
      `This act needs a sign-in of the last ${sessionTimes.fresh / 60_000} minutes; nothing was done. Sign in at ${again}, and send it again.`,
    )
  }

  function loginAddress(context: Context, more: string, back?: string): string {
    const { pathname, search } = new URL(context.req.url)
    return `${base}login?next=${encodeURIComponent(back ?? pathname + search)}${more}`
  }
}

const seeing: Action = { verb: 'read', on: 'runbook', act: false }

/** Who asks, with the roles of this moment. */
function principalOf(hub: Hub, { person, groups, startedAt }: HubSession): Principal {
  const directory = hub.directory()
  const isRecent = hub.now() - startedAt < sessionTimes.groups
  return {
    kind: 'human',
    isValid: true,
    id: spelling(person),
    person: spelling(person),
    roles: directory.rolesOf(person),
    groupRoles: isRecent ? directory.rolesOfGroups(groups) : [],
  }
}

/** A path as everything reads it; undefined for one with two readings. */
function plainPath(encoded: string): string | undefined {
  if (/%(2f|5c|00|2e)/i.test(encoded)) return undefined
  const path = decodeUri(encoded)
  return path === undefined || /[\\\0]|\/\/|(^|\/)\.\.?(\/|$)/.test(path) ? undefined : path
}

/** A page where somebody signs is that of the person who signed in. */
function isOwnName(context: Context, { person }: HubSession): boolean {
  const named = /\/sign\/[^/]+\/([^/]+)$/.exec(context.req.path)?.[1]
  return named === undefined || spelling(decodeUri(named) ?? '') === spelling(person)
}

/** An administrator, and whoever decides without a signature, has proved lately who they are. */
function needsFresh({ verb, act, signed = false }: Action): boolean {
  return verb === 'admin' || (verb === 'decide' && act && !signed)
}

/** The last word of an address that is not a name: what was done. */
function nameOf({ verb }: Action, path: string): string {
  if (path.startsWith('start/')) return 'start'
  if (path.startsWith('order/')) return 'order'
  return /^runs\/[^/]+\/([a-z]+)/.exec(path)?.[1] ?? (path.replaceAll('/', '.') || verb)
}

function refusal(context: Context, verdict: Exclude<Verdict, 'allow'>, { action }: Asked): Response {
  if (verdict === 'unknown') return unknownPage(context)
  if (verdict === 'over') return plain(context, 409, 'The run takes no acts any more; nothing was done')
  if (verdict === 'presence')
    return plain(
      context,
      428,
      'The step asks for your passkey; nothing was done. Sign on the page of the run.',
    )
  if (verdict === 'sign-in') return plain(context, 401, 'You are not signed in')
  return plain(context, 403, `You do not have the right \`${action.verb}\` here; nothing was done`)
}

/** The same for a page that does not exist and for one that is not for this person to see. */
function unknownPage(context: Context): Response {
  return plain(context, 404, 'There is no such page')
}
