import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isLoopback } from '../../alerts/serve/auth.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { untilEnded } from '../../kit/until-ended.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'
import { liveRuns } from './live.ts'
import { startServer } from './server.ts'
import { openSite } from './site.ts'

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const host = options.host
  if (!isLoopback(host))
    throw new CliError(
      exit.usage,
      `Others can reach \`${host}\`, and this server asks nobody who they are`,
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
    const server = await startServer(host, port, base, [
      liveRuns(config, folder, base, io),
      openSite(folder),
    ]).catch((error: NodeJS.ErrnoException) => {
      throw new CliError(
        exit.usage,
        `Cannot listen on ${host}: ${error.code ?? error.message}`,
        'Choose another --port.',
      )
    })
    if (io.json) io.out(JSON.stringify({ type: 'listening', address: server.address }))
    else io.note(`The site is at ${server.address}. Ctrl-C ends it.`)
    return server
  })
}
