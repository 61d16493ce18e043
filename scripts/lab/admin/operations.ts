import { isAbsolute } from 'node:path'
import { type Artifact, verifyArtifact } from '../../domain/artifact.ts'
import { hintOf, messageOf } from '../../lib/errors.ts'
import {
  COLORS,
  type Color,
  type FaultKind,
  type Faults,
  type Weights,
  liveColor,
  noFaults,
} from '../lab-model.ts'
import { Refusal } from './refusal.ts'
import { proxyWeights, proxyWithholds } from '../servers/proxy-traffic.ts'
import { crash, sendFaults, startColor, stopColor } from '../supervisor.ts'
import type { Slot, World } from '../world.ts'

/**
 * Sets the weights. The same weights again change nothing.
 * @param ifVersion the traffic version the caller has read; undefined sets them whatever it is
 * @throws {Refusal} 409 when somebody else changed them since, or a color would get more weight without being ready
 */
export async function setWeights(
  world: World,
  weights: Weights,
  ifVersion: number | undefined,
): Promise<void> {
  const before = world.traffic
  if (ifVersion !== undefined && ifVersion !== before.version) {
    throw new Refusal(
      409,
      `The traffic changed: expected version ${ifVersion}, it is ${before.version} with blue ${before.weights.blue}, green ${before.weights.green}.`,
      'Read it again, and decide on what you see.',
    )
  }
  const unready = COLORS.find(
    (color) => weights[color] > before.weights[color] && world.slots[color].state !== 'ready',
  )
  if (unready !== undefined) {
    throw new Refusal(
      409,
      `${unready} is ${world.slots[unready].state} and cannot get more traffic.`,
      `Deploy ${unready} and wait until it is ready.`,
    )
  }
  if (COLORS.every((color) => weights[color] === before.weights[color])) return
  await proxyWeights(world, weights)
  world.traffic = { version: before.version + 1, weights, live: liveColor(weights, before.live) }
  world.log(`traffic blue ${weights.blue}, green ${weights.green} (version ${world.traffic.version})`)
  await world.save()
}

/** Starts or restarts a color from an artifact folder; returns when its process is started, before it is ready. @throws {Refusal} */
export async function deploy(
  world: World,
  color: Color,
  artifactDir: unknown,
  force: boolean,
): Promise<void> {
  const slot = world.slots[color]
  const artifact = await readArtifact(artifactDir)
  await alone(slot, async () => {
    refuseWeighted(world, color, force, 'replaced')
    await stopColor(world, slot)
    startColor(world, slot, artifact)
    world.log(`${color} starting ${artifact.metadata.version}`)
    await world.save()
  })
}

/** Drains and stops a color. @throws {Refusal} 409 when it has weight */
export async function stop(world: World, color: Color): Promise<void> {
  await alone(world.slots[color], async () => {
    refuseWeighted(world, color, false, 'stopped')
    await stopColor(world, world.slots[color])
  })
}

/** Injects a fault into a color, or with `none` ends all of them. @throws {Refusal} 409 for `crash` when nothing runs */
export async function injectFault(
  world: World,
  kind: FaultKind,
  colors: readonly Color[],
  rate: number,
): Promise<void> {
  for (const color of colors) {
    const slot = world.slots[color]
    if (kind !== 'crash') {
      sendFaults(slot, withFault(slot.faults, kind, rate))
      await proxyWithholds(world, color, slot.faults.noTraffic)
    } else if (slot.child === null)
      throw new Refusal(409, `${color} does not run and cannot crash.`, `Deploy ${color} first.`)
    else crash(slot)
    world.log(
      `fault ${kind} on ${color}${kind === 'errors' || kind === 'latency' ? ` at ${rate * 100} %` : ''}`,
    )
  }
}

function withFault(faults: Faults, kind: Exclude<FaultKind, 'crash'>, rate: number): Faults {
  switch (kind) {
    case 'errors':
      return { ...faults, errors: rate }
    case 'latency':
      return { ...faults, latency: rate }
    case 'flap':
      return { ...faults, flap: true }
    case 'no-traffic':
      return { ...faults, noTraffic: true }
    default:
      return noFaults()
  }
}

async function readArtifact(artifactDir: unknown): Promise<Artifact> {
  if (typeof artifactDir !== 'string' || !isAbsolute(artifactDir)) {
    throw new Refusal(
      400,
      'The field artifactDir is missing or not absolute.',
      'Send the full path of a folder that `runbook build` made.',
    )
  }
  try {
    return await verifyArtifact(artifactDir)
  } catch (error) {
    throw new Refusal(400, messageOf(error), hintOf(error))
  }
}

function refuseWeighted(world: World, color: Color, force: boolean, what: string): void {
  const weight = world.traffic.weights[color]
  if (weight === 0 || force) return
  throw new Refusal(
    409,
    `${color} has weight ${weight} and is not ${what}.`,
    `Move the traffic away first, for example: runbook traffic set --${color} 0`,
  )
}

async function alone(slot: Slot, work: () => Promise<void>): Promise<void> {
  if (slot.busy)
    throw new Refusal(
      409,
      `${slot.color} is being changed by another request.`,
      'Wait until it is done, and read the state before you try again.',
    )
  slot.busy = true
  try {
    await work()
  } finally {
    slot.busy = false
  }
}
