/** The two deployments of the service. */
export const COLORS = ['blue', 'green'] as const
export type Color = (typeof COLORS)[number]

/** The color that is not this one. */
export function otherColor(color: Color): Color {
  return color === 'blue' ? 'green' : 'blue'
}

/** Integer weights from 0 to 100 with a sum above 0. They need not add up to 100. */
export type Weights = Record<Color, number>

/** `starting` is running and not ready; `draining` gets no new request and stops when the last one is answered. */
export type ColorState = 'stopped' | 'starting' | 'ready' | 'draining'

/** The faults of the lab. */
export const FAULT_KINDS = ['errors', 'latency', 'crash', 'flap', 'no-traffic', 'none'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Faults in force on one color. */
export interface Faults {
  /** Share of product requests answered with 500, from 0 to 1. */
  errors: number
  /** Share of product requests answered late, from 0 to 1. */
  latency: number
  /** Readiness goes away and comes back every second. */
  flap: boolean
  /** The switch sends this color nothing, whatever its weight. */
  noTraffic: boolean
}

/** No faults. */
export function noFaults(): Faults {
  return { errors: 0, latency: 0, flap: false, noTraffic: false }
}

/** The state of the switch; `live` is the color with the greater weight, or the former one at equal weights. */
export interface Traffic {
  /** Rises with every change; absent where the switch does not count them. */
  version?: number
  weights: Weights
  live: Color
}

/** The state of the lab's own switch, which counts its changes. */
export type LabTraffic = Traffic & { version: number }

/** The live color after a change of weights. */
export function liveColor(weights: Weights, before: Color): Color {
  if (weights.blue === weights.green) return before
  return weights.blue > weights.green ? 'blue' : 'green'
}

/** Loopback ports of the parts. */
export interface Ports {
  switch: number
  admin: number
  blue: number
  green: number
}

/** The messages of the lab to a color's process. */
export type ToService = { type: 'faults'; faults: Faults } | { type: 'crash' }

/** The messages of a color's process to the lab. */
export type FromService = { type: 'ready'; ready: boolean } | { type: 'failed'; reason: string }

/** The address of a loopback port. */
export function loopback(port: number): string {
  return `http://127.0.0.1:${port}`
}
