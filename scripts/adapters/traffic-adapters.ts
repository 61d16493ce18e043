import { setTimeout as sleep } from 'node:timers/promises'
import { askLab } from '../lab/admin/admin-client.ts'
import type { Color, Traffic, Weights } from '../lab/lab-model.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { type HAProxy, drainServer, readTraffic, writeWeights } from './haproxy.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { type Cluster, drainPods, nameOf, readService, writeService } from './kubernetes.ts'
import { type Nginx, readNginx, writeNginx } from './nginx.ts'
import { waitFor } from '../lib/wait.ts'

/** A way to read and move traffic. Its data comes from the proxy, never from a file of ours. */
export interface TrafficAdapter {
  name: 'embedded' | 'haproxy' | 'nginx' | 'kubernetes'
  /** Where the proxy is asked, for messages. */
  address: string
  /** The cost of a change of weights, for the plan. */
  loss: string
  read(): Promise<Traffic>
  /** @param before what was read; an adapter that can refuses when somebody else changed it since */
  write(weights: Weights, before: Traffic): Promise<void>
  /** Waits until a color without weight has answered its last request. @returns false at the limit */
  drain(color: Color, limitMs: number): Promise<boolean>
}

/** The switch of the lab, at its admin address. */
function embedded(admin: string): TrafficAdapter {
  return {
    name: 'embedded',
    address: admin,
    loss: 'no request is lost: each one is routed by the weights of its moment',
    read: () => readLab(admin),
    async write(weights, before) {
      await askLab(admin, 'PUT', '/traffic', { weights, ifVersion: before.version })
    },
    async drain(color, limitMs) {
      const idle = await waitFor(async () => {
        const colors = (await askLab(admin, 'GET', '/state'))['colors']
        const slot = isRecord(colors) ? colors[color] : undefined
        return isRecord(slot) && slot['inFlight'] === 0 ? true : undefined
      }, limitMs)
      return idle ?? false
    },
  }
}

/** HAProxy over its runtime socket. */
export function haproxyAdapter(proxy: HAProxy): TrafficAdapter {
  const kept = proxy.stateFile !== undefined && proxy.config !== undefined
  return {
    name: 'haproxy',
    address: proxy.socket,
    loss: kept
      ? 'no request is lost, and the weights survive a reload'
      : 'no request is lost; a reload brings back the configured weights unless --state-file and --config are given',
    read: () => readTraffic(proxy),
    write: (weights) => writeWeights(proxy, weights),
    drain: (color, limitMs) => drainServer(proxy, color, limitMs),
  }
}

/** nginx, by an include file and a reload. */
export function nginxAdapter(nginx: Nginx, settleMs: number): TrafficAdapter {
  return {
    name: 'nginx',
    address: nginx.include,
    loss: 'each change is a reload, which may reset about 1 in 1,000 requests on connections kept open',
    read: () => readNginx(nginx),
    write: (weights) => writeNginx(nginx, weights),
    async drain(_, limitMs) {
      // nginx does not tell how many requests a server still answers: the whole limit is waited.
      await sleep(Math.max(limitMs, settleMs))
      return true
    },
  }
}

/** A Service of Kubernetes, by kubectl. */
export function kubernetesAdapter(cluster: Cluster): TrafficAdapter {
  return {
    name: 'kubernetes',
    address: nameOf(cluster),
    loss: 'the Service selects the other color; its endpoints follow within seconds, and this was never measured on a cluster',
    read: () => readService(cluster),
    write: (weights) => writeService(cluster, weights),
    drain: (_, limitMs) => drainPods(limitMs),
  }
}

/** The adapter that fits a lab: HAProxy when it carries the traffic there, else the embedded switch. */
export async function adapterOfLab(admin: string): Promise<TrafficAdapter> {
  const { proxy } = await askLab(admin, 'GET', '/state')
  if (isRecord(proxy) && typeof proxy['socket'] === 'string')
    return haproxyAdapter(proxy as unknown as HAProxy)
  return embedded(admin)
}

async function readLab(admin: string): Promise<Traffic> {
  const answer = await askLab(admin, 'GET', '/traffic')
  if (isRecord(answer['weights'])) return answer as unknown as Traffic
  throw new CliError(
    exit.failed,
    `${admin} is not the admin address of a lab: GET /traffic did not answer with weights`,
    'Give the admin address with --lab: the lab prints it when it starts.',
  )
}
