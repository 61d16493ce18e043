import type { Component } from './component.ts'
import { startHAProxy } from './lab-haproxy.ts'
import { loopback } from '../lab-model.ts'
import { startAlertmanager, startPrometheus } from './monitoring.ts'
import { anotherPort } from './ports.ts'
import { startToasts } from './toasts.ts'
import type { World } from '../world.ts'

/** Servers of the system's packages that the lab can run. */
export const SERVER_NAMES = ['haproxy', 'prometheus', 'alertmanager', 'redis'] as const
export type ServerName = (typeof SERVER_NAMES)[number]

/** The servers beside the lab's own parts. */
export interface Extras {
  proxy?: { component: Component }
  components: Component[]
}

interface Request {
  port: number
  with: readonly ServerName[]
}

/** Gives out ports beside those of the lab. */
function portsOf(world: World, request: Request): (offset: number) => Promise<number> {
  const taken = Object.values<number>({ ...world.ports })
  return async (offset) => {
    const port = await anotherPort(request.port, offset, taken)
    taken.push(port)
    return port
  }
}

/** Starts Redis, and the server from which pages hear what is published there. Colors get its address when they start. @throws {CliError} */
export async function startMessages(world: World, request: Request, extras: Extras): Promise<void> {
  if (!request.with.includes('redis')) return
  const next = portsOf(world, request)
  const [redis, toasts] = [await next(7), await next(11)]
  extras.components.push(...(await startToasts(world.dir, { redis, toasts }, world.log)))
  world.servers = { redis: `redis://127.0.0.1:${redis}`, toasts: `${loopback(toasts)}/toasts` }
}

/** Starts the other servers that were asked for, each with its files under the lab's folder. @throws {CliError} */
export async function startExtras(world: World, request: Request, extras: Extras): Promise<void> {
  const next = portsOf(world, request)
  const wanted = new Set(request.with)
  const servers = (world.servers ??= {})
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
