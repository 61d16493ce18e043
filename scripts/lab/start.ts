import { resolve } from 'node:path'
import { verifyArtifact } from '../domain/artifact.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { listen } from '../lib/listen-locally.ts'
import { createAdmin } from './admin/admin.ts'
import { baselineArtifact, prepareStorefront } from './baseline.ts'
import { runningLab } from './admin/admin-client.ts'
import { closeGently } from './close-server.ts'
import { startLoad } from './load.ts'
import { COLORS, type Ports } from './lab-model.ts'
import { choosePorts, hold } from './servers/ports.ts'
import { becomeReady } from './reset.ts'
import { type Saved, readSaved, stateFile, stateWriter } from './state.ts'
import { type Extras, type ServerName, startExtras, startMessages } from './servers/servers.ts'
import { endChild, startColor } from './supervisor.ts'
import { switchMetrics } from './switch/switch-metrics.ts'
import { createSwitch } from './switch/switch.ts'
import { type World, emptySlot } from './world.ts'
import { makeFolder } from '../../runner/make-folder.ts'

const CLOSE_MS = 5000

/** How to start a lab. */
export interface StartRequest {
  dir: string
  /** See {@link choosePorts}. */
  port: number
  ports: Partial<Ports>
  /** Requests per second of the built-in client; 0 for none. */
  load: number
  /** Servers of the system's packages that run with it. */
  with: readonly ServerName[]
  log: (line: string) => void
}

/** A lab that is up: its world, and how to stop it. `stop` resolves when every part is gone. */
export interface Lab {
  world: World
  stop(): Promise<void>
  /** Ends everything at once, for a second Ctrl-C. */
  kill(): void
}

/** Starts all parts and returns when the colors that should run are ready. @throws {CliError} */
export async function startLab(request: StartRequest): Promise<Lab> {
  const dir = resolve(request.dir)
  await refuseSecondLab(dir)
  const ports = await choosePorts(request.port, request.ports)
  const held = await Promise.all([hold(ports.blue), hold(ports.green)])
  makeFolder(dir, 0o777)
  if (await prepareStorefront(dir)) request.log('created the product repository')
  const saved = await readSaved(dir)
  const world = createWorld(dir, ports, saved, request.log)
  const save = stateWriter(world)
  world.save = save
  let closing = false
  const metrics = switchMetrics(world)
  const servers = [createSwitch(world, metrics, () => closing), createAdmin(world, metrics.page)] as const
  const extras: Extras = { components: [] }
  const kill = (): void => COLORS.forEach((color) => world.slots[color].child?.kill('SIGKILL'))
  let load: ReturnType<typeof startLoad> | undefined

  async function stop(): Promise<void> {
    closing = true
    load?.stop()
    await extras.proxy?.component.stop()
    if (servers[0].listening) await closeGently(servers[0], CLOSE_MS)
    await Promise.all(COLORS.map((color) => endColor(world, color)))
    await Promise.all(extras.components.map((component) => component.stop()))
    await save(true)
    servers[1].close()
    servers[1].closeAllConnections()
    for (const port of held) await port?.[Symbol.asyncDispose]()
  }

  try {
    if (!request.with.includes('haproxy')) await listen(servers[0], ports.switch)
    await listen(servers[1], ports.admin)
    await startMessages(world, request, extras)
    await startColors(world, saved)
    await startExtras(world, request, extras)
    await save()
  } catch (error) {
    await stop()
    throw error
  }
  if (request.load > 0) load = startLoad(ports.switch, request.load)
  world.load = load?.figures ?? null
  return { world, stop, kill }
}

function createWorld(
  dir: string,
  ports: Ports,
  saved: Saved | undefined,
  log: (line: string) => void,
): World {
  const traffic = saved?.traffic ?? { version: 1, weights: { blue: 100, green: 0 }, live: 'blue' }
  const slots = { blue: emptySlot('blue', ports.blue), green: emptySlot('green', ports.green) }
  return {
    dir,
    ports,
    startedAt: new Date().toISOString(),
    traffic,
    slots,
    load: null,
    log,
    save: () => Promise.resolve(),
  }
}

async function startColors(world: World, saved: Saved | undefined): Promise<void> {
  const starting = COLORS.filter((color) =>
    saved === undefined ? color === 'blue' : saved.colors[color].wanted,
  )
  for (const color of starting) {
    const folder = saved?.colors[color].artifactDir ?? (await baselineArtifact(world.dir))
    const artifact = await verifyArtifact(folder).catch((error: unknown) => {
      throw new CliError(
        exit.failed,
        `${color} cannot be started again from ${folder}: ${error instanceof Error ? error.message : String(error)}`,
        `Bring that folder back, or start anew with another --dir (or remove ${stateFile(world.dir)}).`,
      )
    })
    startColor(world, world.slots[color], artifact)
  }
  for (const color of starting) await becomeReady(world, color)
}

async function endColor(world: World, color: (typeof COLORS)[number]): Promise<void> {
  const slot = world.slots[color]
  if (slot.child === null) return
  slot.state = 'draining'
  await endChild(slot, slot.child)
}

async function refuseSecondLab(dir: string): Promise<void> {
  const running = await runningLab(dir)
  if (running === undefined) return
  throw new CliError(
    exit.failed,
    `A lab is already running in ${dir}: its process is ${running.pid}, its address ${running.url}`,
    'Stop it first, or give another --dir and --port.',
  )
}
