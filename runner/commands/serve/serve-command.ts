import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeAccess } from '../../http/access.ts'
import type { Access } from '../../http/access.ts'
import { listen } from '../../http/listen.ts'
import { isLoopback } from '../../http/loopback.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { untilEnded } from '../../kit/until-ended.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { liveRuns } from './live-run-page.ts'
import { readingApp } from './page-server.ts'
import { openSite } from './built-site.ts'

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const host = options.host
  if (!isLoopback(host))
    throw new CliError(
      exit.usage,
      `\`${host}\` is reachable from other machines, and this server is for one account of this machine`,
      'Listen on 127.0.0.1; publish the built site where your people sign in.',
    )
  const folder = resolve(io.cwd, options.site ?? join(config.root, 'dist', 'site'))
  const template = join(folder, 'runs', 'live', 'index.html')
  if (!existsSync(template))
    throw new CliError(
      exit.usage,
      `There is no built site in ${shown(folder, io.cwd)}`,
      'Build it with `runbook site build`, or name another folder with --site.',
    )
  const port = options.port
  const base = new URL(config.site ?? 'http://localhost/').pathname.replace(/\/?$/, '/')
  return untilEnded(io, async () => {
    let access: Access | undefined
    const server = await listen(
      (own) => {
        access = makeAccess(base, own.port)
        const sources = [liveRuns(config, folder, base, io), openSite(folder)]
        return readingApp({ host: own.authority, base, access, sources, onOpened: () => say('opened') })
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
    say('listening')
    return server

    function say(type: 'listening' | 'opened'): void {
      const address = server.origin + (access?.address() ?? base)
      if (io.json) io.out(JSON.stringify({ type, address }))
      else if (type === 'listening') io.note(`The site is at ${address} for one browser. Ctrl-C ends it.`)
      else io.note(`Opened. For another browser: ${address}`)
    }
  })
}
