import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Color, COLORS, type Traffic, type Weights, liveColor } from '../lab/lab-model.ts'
import { writeAtomically } from '../lib/atomic.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { messageOf } from '../lib/errors.ts'
import { waitFor } from '../lib/wait.ts'

/** An HAProxy with one backend whose servers are named after the colors. */
export interface HAProxy {
  /** The runtime socket, with `level admin`. */
  socket: string
  backend: string
  /** The file that `server-state-file` names: what a reload starts from. */
  stateFile?: string | undefined
  /** A map file of the configuration: servers named in it get no requests, whatever their weight. */
  withheld?: string | undefined
  /** Its configuration, whose weights a start without the state file uses. */
  config?: string | undefined
}

/** One server as the proxy sees it. */
export interface ProxyServer {
  /** Host and port, as the proxy connects to it. */
  address: string
  weight: number
  /** Passes its health check. */
  up: boolean
  /** Gets its share of what is new: up, and neither draining nor in maintenance. */
  serving: boolean
  /** Requests it is answering now. */
  sessions: number
  /** Requests it was ever given. */
  total: number
  /** Answers by class (`2xx`), and those the proxy gave in its place (`5xx` without a server). */
  answers: Record<string, number>
}

const LIMIT_MS = 5000
/** Longer than three failed checks take with the usual intervals of half a second. */
const CHECK_MS = 2000
/** Column of `show servers state`, and the bit in it. */
const ADMIN_STATE = 6
const FORCED_DRAIN = 0x08

/** Sends commands over the runtime socket and returns the answer. @throws {CliError} when nothing listens there */
export async function askHAProxy(socket: string, commands: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const connection = createConnection(socket)
    let text = ''
    const fail = (error: Error): void =>
      reject(
        new CliError(
          exit.failed,
          `HAProxy does not answer at ${socket}: ${messageOf(error)}`,
          'Check that it runs, and that this user may write to its runtime socket.',
        ),
      )
    connection
      .setEncoding('utf8')
      .setTimeout(LIMIT_MS, () => connection.destroy(new Error('no answer in 5 s')))
    connection.on('data', (chunk: string) => (text += chunk))
    connection.once('error', fail)
    connection.once('end', () => resolve(text.trim()))
    connection.write(`${commands}\n`)
  })
}

/** Every server of a backend by name, in the order of the configuration. @throws {CliError} when there is no such backend */
export async function readBackend(
  socket: string,
  backend: string,
): Promise<ReadonlyMap<string, ProxyServer>> {
  const csv = await askHAProxy(socket, 'show stat')
  const [head = '', ...lines] = csv.split('\n')
  const names = head.replace(/^# /, '').split(',')
  const rows = lines.map((line) => {
    const cells = line.split(',')
    return new Map(names.map((name, index) => [name, cells[index] ?? '']))
  })
  const servers = rows.filter(
    (row) => row.get('pxname') === backend && !/^(FRONTEND|BACKEND)$/.test(row.get('svname') ?? ''),
  )
  if (servers.length > 0) return new Map(servers.map((row) => [row.get('svname') ?? '', serverOf(row)]))
  const backends = [...new Set(rows.map((row) => row.get('pxname')).filter((name) => name !== ''))]
  throw new CliError(
    exit.failed,
    `HAProxy has no backend ${backend} with servers: it has ${backends.join(', ')}`,
    'Name the backend that your servers are in.',
  )
}

/** Both colors as the proxy has them now. @throws {CliError} when it has no such servers */
export async function readServers(proxy: HAProxy): Promise<Record<Color, ProxyServer>> {
  const servers = await readBackend(proxy.socket, proxy.backend)
  const find = (color: Color): ProxyServer => {
    const server = servers.get(color)
    if (server !== undefined) return server
    throw new CliError(
      exit.failed,
      `HAProxy has no server ${proxy.backend}/${color}: it has ${[...servers.keys()].join(', ')}`,
      'Name the backend whose servers are called blue and green.',
    )
  }
  return { blue: find('blue'), green: find('green') }
}

function serverOf(row: ReadonlyMap<string, string>): ProxyServer {
  const status = row.get('status') ?? ''
  const classes = ['1xx', '2xx', '3xx', '4xx', '5xx']
  return {
    address: row.get('addr') ?? '',
    weight: Number(row.get('weight')),
    serving: /^(UP|no check)/.test(status),
    up: /^(UP|DRAIN|no check)/.test(status),
    sessions: Number(row.get('scur')),
    total: Number(row.get('stot')),
    answers: Object.fromEntries(classes.map((code) => [code, Number(row.get(`hrsp_${code}`) ?? 0)])),
  }
}

/**
 * The weights as the proxy applies them. At equal weights the color that
 * has served more is the live one: the other has just come up to it.
 */
export async function readTraffic(proxy: HAProxy): Promise<Traffic> {
  const servers = await readServers(proxy)
  const weights = { blue: servers.blue.weight, green: servers.green.weight }
  const older = servers.green.total > servers.blue.total ? 'green' : 'blue'
  return { weights, live: liveColor(weights, older) }
}

/**
 * Sets both weights at run time, without a reload, and keeps them for the next one: in the state file and in the
 * configuration. The rising weight is set before the falling one, so that capacity is never missing.
 * @throws {CliError} when a color that would get more does not pass its health check within 5 seconds
 */
export async function writeWeights(proxy: HAProxy, weights: Weights): Promise<void> {
  const before = await readServers(proxy)
  const order = COLORS.toSorted((a, b) => weights[b] - before[b].weight - (weights[a] - before[a].weight))
  for (const color of order.filter((one) => weights[one] > before[one].weight)) {
    await endDrain(proxy, color)
    await untilUp(proxy, color)
  }
  const commands = order.map((color) => `set weight ${proxy.backend}/${color} ${weights[color]}`)
  const answer = await askHAProxy(proxy.socket, commands.join('; '))
  if (answer !== '')
    throw new CliError(
      exit.failed,
      `HAProxy refused the weights: ${answer}`,
      'Look at its runtime socket with: show stat',
    )
  await keepForReload(proxy, weights)
}

/**
 * Takes a color out of the drain of an earlier switch while its weight is still 0, and gives the health check time to
 * find out what runs there now: right after a stop the last check was still a good one.
 */
async function endDrain(proxy: HAProxy, color: Color): Promise<void> {
  const lines = (await askHAProxy(proxy.socket, 'show servers state')).split('\n')
  const fields = lines
    .find((line) => line.split(' ')[1] === proxy.backend && line.split(' ')[3] === color)
    ?.split(' ')
  if ((Number(fields?.[ADMIN_STATE]) & FORCED_DRAIN) === 0) return
  await askHAProxy(
    proxy.socket,
    `set weight ${proxy.backend}/${color} 0; set server ${proxy.backend}/${color} state ready`,
  )
  await sleep(CHECK_MS)
}

async function untilUp(proxy: HAProxy, color: Color): Promise<void> {
  const up = await waitFor(async () => ((await readServers(proxy))[color].up ? true : undefined), LIMIT_MS)
  if (up !== true)
    throw new CliError(
      exit.failed,
      `${color} gets no more traffic: HAProxy says that it fails its health check`,
      `Look at ${color} first; the weights are as they were.`,
    )
}

/** Withholds every request from a color, or ends that; its weight is unchanged. Forgotten at a reload. */
export async function withhold(proxy: HAProxy, color: Color, withheld: boolean): Promise<void> {
  if (proxy.withheld === undefined) return
  await askHAProxy(proxy.socket, `del map ${proxy.withheld} ${color}`)
  if (withheld) await askHAProxy(proxy.socket, `add map ${proxy.withheld} ${color} yes`)
}

/** Takes a color out: it gets nothing new, and this returns when its last request is answered, or false at the limit. */
export async function drainServer(proxy: HAProxy, color: Color, limitMs: number): Promise<boolean> {
  await askHAProxy(proxy.socket, `set server ${proxy.backend}/${color} state drain`)
  const empty = await waitFor(
    async () => ((await readServers(proxy))[color].sessions === 0 ? true : undefined),
    limitMs,
  )
  if (proxy.stateFile !== undefined) await saveState(proxy, proxy.stateFile)
  return empty ?? false
}

// A reload starts from the configuration and silently reverts every weight set at run time; both files prevent it.
async function keepForReload(proxy: HAProxy, weights: Weights): Promise<void> {
  if (proxy.config !== undefined) {
    const text = await readFile(proxy.config, 'utf8')
    const changed = COLORS.reduce(
      (config, color) =>
        config.replace(
          new RegExp(`^(\\s*server\\s+${color}\\s.*?\\bweight\\s+)\\d+`, 'm'),
          `$1${weights[color]}`,
        ),
      text,
    )
    if (changed !== text) await writeAtomically(proxy.config, changed)
  }
  if (proxy.stateFile !== undefined) await saveState(proxy, proxy.stateFile)
}

async function saveState(proxy: HAProxy, file: string): Promise<void> {
  await writeAtomically(file, `${await askHAProxy(proxy.socket, 'show servers state')}\n`)
}
