import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { makeAccess } from '../../http/access.ts'
import { makeFormTokens } from '../../http/form-tokens.ts'
import { laptopGuard } from '../../http/laptop-guard.ts'
import { listen } from '../../http/listen.ts'
import type { Listening } from '../../http/listen.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { shown } from '../shared/workspace.ts'
import { openSite } from './built-site.ts'
import { makeRoom } from './make-room.ts'
import { unsignedInMemory } from './room.ts'
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
  const base = basePath(config)
  let way = (): { path: string; code: string } => ({ path: base, code: '' })
  const server = await listen(
    (own) => {
      const access = makeAccess({ base, port: own.port, onRenewed })
      way = () => ({ path: access.address(), code: access.code() })
      const place = {
        config,
        io,
        base,
        home,
        isHub: false,
        origin: `http://${own.authority}`,
        guard: laptopGuard(access),
        tokens: makeFormTokens(),
        unsigned: unsignedInMemory(),
      }
      return serveApp(makeRoom(place, site), access, openSite(site))
    },
    host,
    port,
  ).catch(refuseToListen(host))
  return {
    ...server,
    way: () => ({ address: server.origin + way().path, code: way().code }),
  }
}

/** The path of the site, with slashes at both ends. */
export function basePath({ site }: Config): string {
  return new URL(site ?? 'http://localhost/').pathname.replace(/\/?$/, '/')
}

export function refuseToListen(host: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new CliError(
      exit.usage,
      `Cannot listen on ${host}: ${error.code ?? error.message}`,
      'Choose another --port.',
    )
  }
}
