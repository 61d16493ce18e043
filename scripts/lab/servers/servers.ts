import type { Component } from './component.ts'
import { startHAProxy } from './lab-haproxy.ts'
import { loopback } from '../lab-model.ts'
import { startAlertmanager, startPrometheus } from './monitoring.ts'
import { anotherPort } from './ports.ts'
import type { World } from '../world.ts'

/** Servers of the system's packages that the lab can run. */
export const SERVER_NAMES = ['haproxy', 'prometheus', 'alertmanager'] as const
export type ServerName = (typeof SERVER_NAMES)[number]

/** The servers beside the lab's own parts. */
export interface Extras {
  proxy?: { component: Component }
  components: Component[]
}

/** Starts the servers that were asked for, each with its files under the lab's folder. @throws {CliError} */
export async function startExtras(
  world: World,
  request: { port: number; with: readonly ServerName[] },
  extras: Extras,
): Promise<void> {
  const taken = Object.values<number>({ ...world.ports })
  const next = async (offset: number): Promise<number> => {
    const port = await anotherPort(request.port, offset, taken)
    taken.push(port)
    return port
  }
  const wanted = new Set(request.with)
  const servers: Record<string, string> = {}
  world.servers = servers
  let proxyMetrics: number | undefined
  if (wanted.has('haproxy')) {
    proxyMetrics = await next(4)
    const { proxy, component } = await startHAProxy(
      world.dir,
      world.ports,
      proxyMetrics,
      world.traffic.weights,
      world.log,
    )
    extras.proxy = { component }
    world.proxy = proxy
    servers['haproxy'] = `${loopback(proxyMetrics)}/metrics`
  }
  let alertmanager: number | undefined
  if (wanted.has('alertmanager')) {
    alertmanager = await next(6)
    extras.components.push(await startAlertmanager(world.dir, alertmanager, world.log))
    servers['alertmanager'] = loopback(alertmanager)
  }
  if (wanted.has('prometheus')) {
    const port = await next(5)
    extras.components.push(
      await startPrometheus(world.dir, port, world.ports, proxyMetrics, alertmanager, world.log),
    )
    servers['prometheus'] = loopback(port)
  }
}
