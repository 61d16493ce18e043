import { join, resolve } from 'node:path'
import { isLoopback } from '../../http/loopback.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { untilEnded } from '../../kit/until-ended.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { openServer, refuseUnbuilt } from './open-server.ts'

export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { host, port } = options
  if (!isLoopback(host) && !options.hub)
    throw new CliError(
      exit.usage,
      `\`${host}\` is reachable from other machines, and this server is for one account of this machine`,
      'Listen on localhost; publish the built site where your people sign in.',
    )
  const site = resolve(io.cwd, options.site ?? join(config.root, 'dist', 'site'))
  refuseUnbuilt(site, io)
  if (options.hub) {
    const { openHub } = await import('./hub/open-hub.ts')
    return untilEnded(io, async (cancelled) => {
      const hub = await openHub({ config, io, site, host, port, cancelled })
      const address = config.hub?.origin
      if (io.json) io.out(JSON.stringify({ type: 'listening', address, at: hub.origin }))
      else io.note(`The hub listens at ${hub.origin}; people open ${address}`)
      return hub
    })
  }
  return untilEnded(io, async () => {
    const server = await openServer({ config, io, site, host, port, onRenewed: say })
    say('listening')
    return server

    function say(type: 'listening' | keyof typeof renewed): void {
      const { address, code } = server.way()
      if (io.json) return io.out(JSON.stringify({ type, address, code }))
      const first = type === 'listening' ? 'The site is at' : `${renewed[type]}:`
      io.note(`${first} ${address}\n  It lets one browser in, within a minute. Without JavaScript: ${code}`)
    }
  })
}

const renewed = {
  opened: 'Opened. For another browser',
  wrong: 'A wrong code was tried five times. Now it is',
  expired: 'The address had expired. Now it is',
}
