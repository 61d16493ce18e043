import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { makeAccess } from '../../http/access.ts'
import type { Session } from '../../http/access.ts'
import { makeFormTokens } from '../../http/form-tokens.ts'
import { listen } from '../../http/listen.ts'
import type { Listening } from '../../http/listen.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import type { Acting } from '../../pages/acting/acting.ts'
import { trustFor } from '../shared/keys.ts'
import { shown } from '../shared/workspace.ts'
import { actingView } from './acting-view.ts'
import { passkeyHost, standingOf } from './standing.ts'
import type { Standing } from './standing.ts'
import { openSite } from './built-site.ts'
import { liveRuns } from './live-run-page.ts'
import type { Refusal } from './live-run-page.ts'
import { actorOf } from './room.ts'
import type { Room } from './room.ts'
import { serveApp } from './serve-app.ts'

export interface ServerOptions {
  config: Config
  io: Io
  /** Absolute path of the built site. */
  site: string
  host: string
  port: number
  /** The path that a browser sees first. Default: the start page. */
  home?: () => string
  /** Told when there is another address, after one was used or has expired. */
  onRenewed(type: 'opened' | 'wrong' | 'expired'): void
}

export interface OpenServer extends Listening {
  /** The address that lets one browser in, and the code for one without JavaScript. */
  way(): { address: string; code: string }
}

/** Refuses a folder that is not a built site. */
export function refuseUnbuilt(site: string, io: Io): void {
  if (existsSync(join(site, 'runs', 'live', 'index.html'))) return
  throw new CliError(
    exit.usage,
    `There is no built site in ${shown(site, io.cwd)}`,
    'Build it with `runbook site build`, or name another folder with --site.',
  )
}

/** Listens, and serves pages and acts to browsers that are let in. */
export async function openServer(options: ServerOptions): Promise<OpenServer> {
  const { config, io, site, host, port, onRenewed, home = () => '' } = options
  const base = new URL(config.site ?? 'http://localhost/').pathname.replace(/\/?$/, '/')
  let way = (): { path: string; code: string } => ({ path: base, code: '' })
  const server = await listen(
    (own) => {
      const access = makeAccess({ base, port: own.port, onRenewed })
      way = () => ({ path: access.address(), code: access.code() })
      const place = {
        config,
        io,
        base,
        origin: `http://${own.authority}`,
        access,
        tokens: makeFormTokens(),
        unsigned: new Map(),
        home,
      }
      const acting = actingFor(place)
      const pages = liveRuns({
        config,
        site,
        base,
        io,
        actingFor: (stored, around, session, refusal) =>
          acting(
            standingOf(config.state, stored),
            session,
            refusal,
            around.today !== undefined && around.today.sha256 !== stored.plan.sha256,
          ),
      })
      return serveApp({ ...place, pages, acting }, openSite(site))
    },
    host,
    port,
  ).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      exit.usage,
      `Cannot listen on ${host}: ${error.code ?? error.message}`,
      'Choose another --port.',
    )
  })
  return {
    ...server,
    way: () => ({ address: server.origin + way().path, code: way().code }),
  }
}

/** The acts that one browser has on a run. A passkey belongs to the name of a host, never to its number. */
function actingFor(place: Omit<Room, 'pages' | 'acting'>) {
  const { config, base, tokens, origin } = place
  return async (
    standing: Standing,
    session: Session,
    refusal?: Refusal,
    hasChanged = false,
  ): Promise<Acting> => {
    const { id: person } = await actorOf(place, session)
    return actingView(standing, {
      state: config.state,
      base,
      person,
      trust: trustFor(config),
      passkeyHost: passkeyHost(origin),
      token: (subject) => tokens.issue(session, subject),
      hasChanged,
      refusal,
    })
  }
}
