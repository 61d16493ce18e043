import { randomBytes } from 'node:crypto'
import type { Config } from '../../../config.ts'
import { listen } from '../../../http/listen.ts'
import type { Listening } from '../../../http/listen.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { patiently } from '../../../team/patiently.ts'
import { Away } from '../../../team/refusals.ts'
import { isService, serviceOf } from '../../shared/team/service.ts'
import { keepTime } from '../../schedules/order-due.ts'
import { openSite } from '../built-site.ts'
import { makeRoom } from '../make-room.ts'
import { basePath, refuseToListen } from '../open-server.ts'
import { makeAudit } from './audit.ts'
import { openDirectory } from './directory.ts'
import { hubFormTokens } from './form-tokens.ts'
import type { Hub } from './hub.ts'
import { hubApp } from './hub-app.ts'
import { hubGuard } from './hub-guard.ts'
import { hubRoutes } from './routes.ts'
import { hubFoot } from './pages/hub-page.ts'
import { openStore } from './open-store.ts'
import { openMirror } from './mirror.ts'
import { orderAt } from '../team/ordered-run.ts'
import { teamSide } from '../team/team-side.ts'
import { makeProvider } from './sign-in/provider.ts'
import { sharedSecret } from './store.ts'
import { unsignedInStore } from './unsigned.ts'

export interface HubOptions {
  config: Config
  io: Io
  /** Absolute path of the built site. */
  site: string
  host: string
  port: number
  /** Milliseconds since the epoch. */
  now?: () => number
  /** Aborted when somebody ends it, also while it waits for a database that is away. */
  cancelled: AbortSignal
}

/** Listens for people who sign in at the provider of the configuration. */
export async function openHub({
  config,
  io,
  site,
  host,
  port,
  now = Date.now,
  cancelled,
}: HubOptions): Promise<Listening> {
  const settings = config.hub
  if (!settings)
    throw new CliError(
      exit.usage,
      'There is no `hub` in runbook.config.ts, so there is no way to sign in',
      'Name the address of the hub, its provider and its client there.',
    )
  const variable = settings.clientSecret.slice('env:'.length)
  const secret = io.env[variable]
  if (!secret)
    throw new CliError(
      exit.usage,
      `The variable ${variable} is not set, and it has the secret of the client`,
      'Set it to the secret that the provider gave.',
    )
  const base = basePath(config)
  const { store, close } = await openStore(config, now)
  const begun = async <T>(body: () => Promise<T>): Promise<T> => {
    const done = await patiently(io.say, body, cancelled)
    if (done === undefined) throw new Away('the hub was stopped before it did')
    return done
  }
  const key = await begun(() => sharedSecret(store, 'forms', () => randomBytes(32).toString('base64url')))
  const mirror = config.team === undefined ? undefined : await openMirror(config, begun)
  const shown = mirror?.config ?? config
  const service = mirror && isService(config, io) ? await serviceOf(config, io) : undefined
  const hub: Hub = {
    config: shown,
    base,
    store,
    service,
    orderAt: mirror && ((name) => orderAt(mirror.port, name)),
    now,
    origin: settings.origin,
    provider: makeProvider({
      settings,
      secret,
      now,
      callback: new URL(base + hubRoutes.callback.path, settings.origin),
      home: new URL(base, settings.origin),
    }),
    directory: openDirectory(config.people),
    audit: makeAudit(store, now),
    tokens: hubFormTokens(store, key, now),
  }
  const guard = hubGuard(hub)
  // The secret of the client is the hub's: no process that it starts gets it.
  const { [variable]: _, ...env } = io.env
  const place = {
    config: shown,
    base,
    guard,
    origin: settings.origin,
    tokens: hub.tokens,
    isHub: true,
    foot: hubFoot(hub),
    team: mirror && teamSide(mirror.port),
    home: () => '',
    io: {
      ...io,
      env,
    },
    unsigned: unsignedInStore(store, now),
  }
  const stop = new AbortController()
  const clock =
    mirror && service
      ? keepTime({ config, io: place.io, port: mirror.port, service, say: io.say }, stop.signal)
      : undefined
  const app = hubApp(hub, makeRoom(place, site), guard, openSite(site), mirror)
  const server = await listen(() => app, host, port).catch(refuseToListen(host))
  return {
    ...server,
    async close() {
      await server.close()
      stop.abort()
      await clock
      await mirror?.close()
      await close()
    },
  }
}
