import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Config } from '../../../config.ts'
import type { FormTokens } from '../../../http/form-tokens.ts'
import type { Audit, Audited } from './audit.ts'
import type { Service } from '../../shared/team/service.ts'
import type { Directory } from './directory.ts'
import type { TeamRun } from '../../../team/port.ts'
import type { Provider } from './sign-in/provider.ts'
import type { HubStore } from './store.ts'

/** A running process of a hub. */
export interface Hub {
  /** The workspace; in a team, its state folder is a copy of the runs of the database. */
  config: Config
  /** The address at which people reach it, such as `https://runbooks.example.com`. */
  origin: string
  /** The path of the site with slashes at both ends. */
  base: string
  store: HubStore
  /** The service that this process is, which signs orders; undefined where it is none. */
  service?: Service | undefined
  /** The order of an address that has no journal yet; undefined where there is no team. */
  orderAt?: ((name: string) => Promise<Pick<TeamRun, 'run' | 'slug'> | undefined>) | undefined
  provider: Provider
  directory(): Directory
  audit: Audit
  tokens: FormTokens
  /** Milliseconds since the epoch. */
  now: () => number
}

/** The address of the connection of a request. Forwarded headers are ignored: whoever asks can write them. */
export function remoteAddress(context: Context<{ Bindings: HttpBindings }>): string {
  const incoming = (context.env as Partial<HttpBindings> | undefined)?.incoming
  return incoming?.socket.remoteAddress ?? ''
}

/** Acts whose answer is still to be told to the audit. */
const pending = new WeakMap<Request, Audited>()

/** Tells the audit of an act before it is done; what it answers is told by `tellAnswer`. */
export async function tellAct(hub: Hub, context: Context, entry: Omit<Audited, 'from'>): Promise<void> {
  const whole = { ...entry, from: remoteAddress(context) }
  await hub.audit(whole)
  pending.set(context.req.raw, whole)
}

/** Tells the audit how an act was answered. */
export async function tellAnswer(hub: Hub, context: Context): Promise<void> {
  const entry = pending.get(context.req.raw)
  if (entry) await hub.audit({ ...entry, outcome: String(context.res.status) })
}
