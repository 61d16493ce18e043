import type { Context, Hono } from 'hono'
import type { Config } from '../../config.ts'
import type { Session } from '../../http/access.ts'
import type { FormTokens } from '../../http/form-tokens.ts'
import type { Guard } from '../../http/guard.ts'
import type { Actor } from '../../model/plan.ts'
import type { Io } from '../../kit/io.ts'
import { identify } from '../shared/people/identify.ts'
import type { Markup } from '../../pages/markup.ts'
import type { Acting } from '../../pages/acting/acting.ts'
import type { WaitingOrder } from '../../pages/acting/going-runs.ts'
import type { OrderedRun } from '../../pages/acting/ordered-page.ts'
import type { Standing } from './standing.ts'
import type { LivePages, Refusal } from './live-run-page.ts'
import type { Answer } from './page-server.ts'
import type { Route } from './routes.ts'
import { sendPage } from './page-server.ts'

/** A running server: what it serves, to whom, and where. */
export interface Room {
  config: Config
  io: Io
  /** The path of the site with slashes at both ends. */
  base: string
  /** Such as `http://localhost:47901`. */
  origin: string
  guard: Guard
  tokens: FormTokens
  /** Whether people sign in. Then no name is a claim, and no key of this account signs for anybody. */
  isHub: boolean
  /** Where runners of a team start the processes of runs. */
  team?: TeamSide | undefined
  unsigned: Unsigned
  pages: LivePages
  /** Links at the foot of each page that only this server has. */
  foot?: Markup | undefined
  /** The part of the page of a run that acts, for one browser. */
  acting(standing: Standing, session: Session, refusal?: Refusal, hasChanged?: boolean): Promise<Acting>
  /** The path below the folder that a browser sees first. */
  home: () => string
}

/** Acts that runners of a team heed once a person signed them; only the hub of a team loads it. */
export interface TeamSide {
  acts: Readonly<Record<'resume' | 'rollback' | 'watch', (visit: Visit) => Promise<Response>>>
  takeover(visit: Visit): Promise<Response>
  withdraw(visit: Visit): Promise<Response>
  /** The order of an address whose run has no journal yet. */
  ordered(
    room: Pick<Room, 'config' | 'base' | 'tokens'>,
    name: string,
    session: Session,
  ): Promise<OrderedRun | undefined>
  /** The orders of a runbook that no runner has taken; none while the database is away. */
  waiting(slug: string, base: string): Promise<WaitingOrder[]>
  /** The answers and requests to stop that people left for a run in the team's database, the first first. */
  left(run: string): Promise<Left[]>
  /** Keeps the order for a new run until it is signed, and leads to the page for that. */
  order(visit: Visit, slug: string, inputs: Readonly<Record<string, string>>, from: string): Promise<Response>
  /** The pages where people sign: the route that reads, the one that takes, and the app of both. */
  pages(room: Room): readonly (readonly [read: Route, write: Route, app: Hono])[]
  /** The runner of a run that is under way, and the others; undefined for a run that none has. */
  runnersOf(run: string): Promise<Acting['runners']>
}

/** An answer or a request that a person left for the runner of a run. */
export interface Left {
  topic: string
  by: string
  /** Of the question that it answers; empty for none. */
  shownSha256: string
  /** RFC 3339. */
  at: string
  /** Whether the runner has read it. */
  isRead: boolean
}

/** Answers that were given on a page and wait for a passkey, by browser, run and topic. */
export interface Unsigned {
  /** Keeps it for a time in milliseconds; default: as long as a page waits. */
  put(key: string, given: Given, waitMs?: number): Promise<void>
  get(key: string): Promise<Given | undefined>
  drop(key: string): Promise<void>
}

type Given = Readonly<Record<string, string>>

/** Keeps them as long as the server. */
export function unsignedInMemory(): Unsigned {
  const kept = new Map<string, Given>()
  return {
    put: async (key, given) => void kept.set(key, given),
    get: async (key) => kept.get(key),
    drop: async (key) => void kept.delete(key),
  }
}

/** One request of a browser that was let in. */
export interface Visit {
  room: Room
  context: Context
  session: Session
  /** The fields of the form, in order; none of a request that reads. */
  fields: readonly (readonly [name: string, value: string])[]
}

export function fieldOf({ fields }: Visit, name: string): string {
  return fields.find(([field]) => field === name)?.[1] ?? ''
}

/** The environment of this browser: the one of the server, with the name the person claims. */
export function envOf({ io }: Pick<Room, 'io'>, { person }: Session): Io['env'] {
  return person === undefined ? io.env : { ...io.env, RUNBOOK_ACTOR: person }
}

/** Who acts at a browser, by their own word. */
export async function actorOf(room: Pick<Room, 'io' | 'config'>, session: Session): Promise<Actor> {
  return (await identify(room.config, { ...room.io, env: envOf(room, session) }, 'browser')).actor
}

export function seeOther({ room, context }: Visit, path: string): Response {
  return context.body(null, 303, { location: room.guard.folder + path, 'cache-control': 'no-store' })
}

/** A page as the answer to an act. */
export function pageAnswer({ room, context }: Visit, answer: Answer, status: number): Response {
  return sendPage(
    context,
    { ...answer, status },
    { base: room.base, folder: room.guard.folder, foot: room.foot },
  )
}
