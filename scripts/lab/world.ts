import type { ChildProcess } from 'node:child_process'
import { Agent } from 'node:http'
import type { HAProxy } from '../adapters/haproxy.ts'
import {
  type Color,
  type ColorState,
  type Faults,
  type Ports,
  type LabTraffic,
  noFaults,
} from './lab-model.ts'

/** One color as the lab sees it. */
export interface Slot {
  color: Color
  port: number
  state: ColorState
  /** The current or last process; null before the first deploy. */
  build: { artifactDir: string; version: string; commit: string; digest: string } | null
  /** True from a deploy until a stop: whether it comes back when the lab is started again. */
  wanted: boolean
  child: ChildProcess | null
  /** True while a deploy or a stop is under way. */
  busy: boolean
  /** Requests the switch has sent and that are not answered yet. */
  inFlight: number
  faults: Faults
  /** Why the process ended without a request. */
  lastExit: string | null
  agent: Agent
}

/** Everything the running lab knows. */
export interface World {
  dir: string
  ports: Ports
  startedAt: string
  traffic: LabTraffic
  slots: Record<Color, Slot>
  /** The HAProxy that carries the traffic; without it the embedded switch does. */
  proxy?: HAProxy
  /** Addresses of the servers that were asked for, by name. */
  servers?: Record<string, string>
  /** Figures of the built-in client; null without one. */
  load: LoadFigures | null
  log: (line: string) => void
  /** Resolves when the present state is on the disk. */
  save(): Promise<void>
}

export interface LoadFigures {
  /** Requests per second it aims at. */
  rate: number
  sent: number
  failed: number
}

/** A color that does not run. */
export function emptySlot(color: Color, port: number): Slot {
  return {
    color,
    port,
    state: 'stopped',
    build: null,
    wanted: false,
    child: null,
    busy: false,
    inFlight: 0,
    faults: noFaults(),
    lastExit: null,
    agent: newAgent(),
  }
}

/** Keep-alive connections to one color. The idle limit in milliseconds is below that of the service, which must not close first. */
export function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: 30_000 })
}
