import { createHash, randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import * as z from 'zod'
import type { HubStore } from './store.ts'

/** Times of sessions, in milliseconds. */
export const sessionTimes = {
  /** Without a request. */
  idle: 30 * 60_000,
  longest: 8 * 3_600_000,
  /** How long groups of the ID token count. */
  groups: 60 * 60_000,
  /** How recent the sign-in of an administrator is, and of a decision without a signature. */
  fresh: 15 * 60_000,
}

const sessionSchema = z.strictObject({
  person: z.string(),
  issuer: z.string(),
  subject: z.string(),
  /** The session of the provider, where it names one. */
  sid: z.string(),
  groups: z.array(z.string()),
  startedAt: z.number(),
  /** When the person last proved to the provider who they are. */
  provedAt: z.number(),
})

export type SessionData = z.infer<typeof sessionSchema>

/** The session of a request. */
export interface HubSession extends SessionData {
  /** The digest of its cookie, under which it is kept. */
  id: string
}

export const sessionCookie = '__Host-rb'

/** Starts a session with a secret of its own, and returns its cookie. */
export async function startSession(
  store: HubStore,
  data: SessionData,
  now: number,
): Promise<{ id: string; cookie: string }> {
  const secret = randomBytes(32).toString('base64url')
  const id = digest(secret)
  await store.add('session', { id, value: data, until: now + sessionTimes.idle })
  return { id, cookie: `${sessionCookie}=${secret}; Path=/; Secure; HttpOnly; SameSite=Lax` }
}

/** The session of a request, which goes on with it. `twice` when there are two cookies. */
export async function findSession(
  store: HubStore,
  context: Context,
  now: number,
): Promise<HubSession | 'twice' | undefined> {
  const own = (context.req.header('cookie') ?? '')
    .split(/;\s*/)
    .filter((one) => one.startsWith(`${sessionCookie}=`))
  if (own.length > 1) return 'twice'
  const secret = getCookie(context, sessionCookie)
  if (secret === undefined) return undefined
  const id = digest(secret)
  const row = await store.get('session', id)
  const read = sessionSchema.safeParse(row?.value)
  if (!row || !read.success || now - read.data.startedAt > sessionTimes.longest) return undefined
  // Not with every request: a minute more or less changes nothing.
  const until = Math.min(now + sessionTimes.idle, read.data.startedAt + sessionTimes.longest)
  if (until - row.until > 60_000) await store.extend('session', id, until)
  return { id, ...read.data }
}

/** Ends the sessions that fit, and returns how many there were. */
export async function endSessions(store: HubStore, fits: (session: HubSession) => boolean): Promise<number> {
  const rows = await store.list('session')
  const ids = rows.flatMap(({ id, value }) => {
    const read = sessionSchema.safeParse(value)
    return read.success && fits({ id, ...read.data }) ? [id] : []
  })
  const taken = await Promise.all(ids.map((id) => store.take('session', id)))
  return taken.filter(Boolean).length
}

export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
