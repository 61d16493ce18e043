import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyArtifact } from '../domain/artifact.ts'
import { waitFor } from '../lib/wait.ts'
import { baselineArtifact, prepareStorefront } from './baseline.ts'
import { COLORS, type Color, noFaults } from './lab-model.ts'
import { deploy, setWeights, stop } from './admin/operations.ts'
import { Refusal } from './admin/refusal.ts'
import { sendFaults } from './supervisor.ts'
import type { World } from './world.ts'

const READY_MS = 15_000

/**
 * Brings the lab to its first state without losing a request where it can: no faults, blue on the first release with
 * all traffic, green stopped.
 * @param storefront also makes the product repository anew, losing what was committed or tagged there
 */
export async function resetLab(world: World, storefront: boolean): Promise<void> {
  for (const color of COLORS) sendFaults(world.slots[color], noFaults())
  if (storefront) {
    await rm(join(world.dir, 'storefront'), { recursive: true, force: true })
    await prepareStorefront(world.dir)
  }
  const artifact = await verifyArtifact(await baselineArtifact(world.dir))
  const { blue, green } = world.slots
  if (blue.state !== 'ready' || blue.build?.digest !== artifact.digest) {
    if (green.state === 'ready') await setWeights(world, { blue: 0, green: 100 }, undefined)
    await deploy(world, 'blue', artifact.folder, true)
    await becomeReady(world, 'blue')
  }
  await setWeights(world, { blue: 100, green: 0 }, undefined)
  await stop(world, 'green')
}

/** Waits until a color is ready. @throws {Refusal} 500 with its last words when it ends, or is not ready in 15 seconds */
export async function becomeReady(world: World, color: Color): Promise<void> {
  const slot = world.slots[color]
  await waitFor(() => slot.state !== 'starting' || undefined, READY_MS, 10)
  if (slot.state === 'ready') return
  throw new Refusal(
    500,
    `${color} did not become ready: ${slot.lastExit ?? slot.state}.`,
    'Look at the output of the lab.',
  )
}
