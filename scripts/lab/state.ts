import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../lib/atomic.ts'
import { codeOf } from '../lib/errors.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { COLORS, type Color, type LabTraffic, loopback } from './lab-model.ts'
import type { Slot, World } from './world.ts'

const FORMAT = 1

/** The traffic in the admin API. */
export function trafficOf(world: World): LabTraffic {
  return world.traffic
}

/** The whole lab in the admin API. */
export function stateOf(world: World) {
  return {
    pid: process.pid,
    dir: world.dir,
    startedAt: world.startedAt,
    url: loopback(world.ports.switch),
    adminUrl: loopback(world.ports.admin),
    traffic: world.traffic,
    live: world.traffic.live,
    proxy: world.proxy ?? null,
    servers: world.servers ?? {},
    colors: { blue: colorState(world.slots.blue), green: colorState(world.slots.green) },
    load: world.load,
  }
}

/** The answer of `GET /state`. */
export type LabState = ReturnType<typeof stateOf>

function colorState(slot: Slot) {
  const { state, build, inFlight, faults, lastExit, port } = slot
  const running = state !== 'stopped'
  return {
    state,
    version: running ? (build?.version ?? null) : null,
    commit: running ? (build?.commit ?? null) : null,
    digest: running ? (build?.digest ?? null) : null,
    pid: slot.child?.pid ?? null,
    url: loopback(port),
    inFlight,
    faults,
    lastExit,
  }
}

/** The content of `lab.json`, kept between two starts. */
export interface Saved {
  traffic: LabTraffic
  colors: Record<Color, { artifactDir: string | null; wanted: boolean }>
  /** The process of the lab, or null after a clean stop. */
  pid: number | null
  adminUrl: string
}

/** The file that says where a lab runs and what it looked like last. */
export function stateFile(dir: string): string {
  return join(dir, 'lab.json')
}

/** A function that writes the state, one write after the other, each complete. */
export function stateWriter(world: World): (stopped?: boolean) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (stopped = false) => {
    last = last
      .catch(() => undefined)
      .then(() =>
        writeAtomically(stateFile(world.dir), `${JSON.stringify(snapshot(world, stopped), null, 2)}\n`),
      )
    return last
  }
}

function snapshot(world: World, stopped: boolean): object {
  const colors = COLORS.map((color) => {
    const { build, wanted, child, port } = world.slots[color]
    return [
      color,
      {
        artifactDir: build?.artifactDir ?? null,
        version: build?.version ?? null,
        wanted,
        pid: stopped ? null : (child?.pid ?? null),
        port,
      },
    ]
  })
  return {
    format: FORMAT,
    pid: stopped ? null : process.pid,
    startedAt: world.startedAt,
    url: loopback(world.ports.switch),
    adminUrl: loopback(world.ports.admin),
    ports: world.ports,
    traffic: world.traffic,
    colors: Object.fromEntries(colors),
  }
}

/** Reads `lab.json`; undefined when there is none or another version of the lab wrote it. */
export async function readSaved(dir: string): Promise<Saved | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(stateFile(dir), 'utf8'))
    // Written whole by this program or not at all, so the format number vouches for the rest.
    return isRecord(value) && value['format'] === FORMAT ? (value as unknown as Saved) : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
