import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { type HAProxy, readServers } from '../../adapters/haproxy.ts'
import { waitFor } from '../../lib/wait.ts'
import { type Component, startComponent } from './component.ts'
import type { Ports, Weights } from '../lab-model.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

const START_MS = 10_000
// The kernel's limit for the name of a socket is 108 bytes with its end, and HAProxy binds a longer temporary name.
const SOCKET_MAX = 85

/** Starts the system's HAProxy in the place of the embedded switch, with configuration, state and socket under `dir`. */
export async function startHAProxy(
  dir: string,
  ports: Ports,
  metricsPort: number,
  weights: Weights,
  log: (line: string) => void,
): Promise<{ proxy: HAProxy; component: Component }> {
  const folder = join(dir, 'haproxy')
  makeFolder(folder, 0o777)
  const socket = join(folder, 'admin.sock')
  if (socket.length > SOCKET_MAX)
    throw new CliError(
      exit.failed,
      `${socket} is too long for a socket: the system allows about ${SOCKET_MAX} characters`,
      'Give the lab a shorter --dir.',
    )
  const proxy = {
    socket,
    backend: 'app',
    stateFile: join(folder, 'servers.state'),
    config: join(folder, 'haproxy.cfg'),
    withheld: join(folder, 'withheld.map'),
  }
  await rm(socket, { force: true })
  // The lab's own record of the weights wins over a state file of an earlier start on other ports.
  await writeAtomically(proxy.stateFile, '')
  await writeAtomically(proxy.withheld, '')
  await writeAtomically(proxy.config, configText(proxy, ports, metricsPort, weights))
  const component = startComponent('haproxy', ['-W', '-f', proxy.config], folder, log)
  const up = await waitFor(() => {
    if (component.ended() !== undefined) throw component.failure()
    return readServers(proxy).then(
      () => true,
      () => undefined,
    )
  }, START_MS)
  if (up === undefined) throw component.failure()
  return { proxy, component }
}

/**
 * `retries 0`: a request that HAProxy repeats on the other color would hide an error of the release. A consistent hash
 * of the user keeps a user on a color, and as one color grows users only move to it; without a user each request is
 * shared out anew. The map names colors that get nothing although they have weight: the fault `no-traffic`.
 */
function configText(
  proxy: HAProxy & { withheld: string },
  ports: Ports,
  metricsPort: number,
  weights: Weights,
): string {
  return `global
  stats socket ${proxy.socket} mode 600 level admin expose-fd listeners
  server-state-file ${proxy.stateFile}
  maxconn 4000
  hard-stop-after 30s

defaults
  mode http
  timeout connect 2s
  timeout client 65s
  timeout server 30s
  timeout http-keep-alive 65s
  timeout check 5s
  retries 0
  load-server-state-from-file global

frontend switch
  bind 127.0.0.1:${ports.switch}
  default_backend app

frontend metrics
  bind 127.0.0.1:${metricsPort}
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404

backend app
  balance hdr(x-user-id)
  hash-type consistent
  use-server green if { str(blue),map(${proxy.withheld}) -m found }
  use-server blue if { str(green),map(${proxy.withheld}) -m found }
  option httpchk GET /readyz
  default-server check inter 500ms fall 3 rise 1
  server blue 127.0.0.1:${ports.blue} weight ${weights.blue}
  server green 127.0.0.1:${ports.green} weight ${weights.green}
`
}
