import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Driver } from '../../engine/run.ts'
import type { Io } from '../../kit/io.ts'
import { openServer, refuseUnbuilt } from '../serve/open-server.ts'

interface Followed {
  /** Tells the server which run it is about, by its first event. */
  follows(onEvent: Driver['onEvent']): Driver['onEvent']
  close(): Promise<void>
}

/** Serves the page of a run while this process drives it, and prints the address that lets one browser in. */
export async function followedAt(config: Config, io: Io): Promise<Followed> {
  const site = join(config.root, 'dist', 'site')
  refuseUnbuilt(site, io)
  let run: string | undefined
  const home = (): string => (run === undefined ? '' : `runs/${run.toLowerCase()}/`)
  const server = await openServer({ config, io, site, host: 'localhost', port: 0, home, onRenewed: say })
  function say(): void {
    const { address, code } = server.way()
    io.say(
      `Follow and answer it at ${address}\n  for one browser, within a minute. Without JavaScript: ${code}`,
    )
  }
  return {
    follows: (onEvent) => (event, line, synced) => {
      onEvent(event, line, synced)
      if (run !== undefined || event.type !== 'run-started') return
      run = event.run
      say()
    },
    close: server.close,
  }
}
