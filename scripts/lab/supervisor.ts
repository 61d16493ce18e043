import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Artifact } from '../domain/artifact.ts'
import { environmentOf } from '../programs/flags/env-flags.ts'
import { waitFor } from '../lib/wait.ts'
import type { Faults, FromService, ToService } from './lab-model.ts'
import { drained } from './servers/proxy-traffic.ts'
import { type Slot, type World, newAgent } from './world.ts'

const SERVICE = fileURLToPath(new URL('../lab/service/main.mjs', import.meta.url))
const DRAIN_MS = 10_000
const EXIT_MS = 12_000
const POLL_MS = 10

/** Starts the process of a stopped color and returns at once; `slot.state` turns `ready`, or `stopped` with `lastExit`. */
export function startColor(world: World, slot: Slot, artifact: Artifact): void {
  const { metadata, folder, digest } = artifact
  slot.build = { artifactDir: folder, version: metadata.version, commit: metadata.commit, digest }
  slot.wanted = true
  slot.state = 'starting'
  slot.lastExit = null
  const child = fork(SERVICE, [slot.color, String(slot.port), folder, flagFile(world)], {
    execArgv: [],
    env: { ...process.env, ...toastsAddress(world), ...environmentFlags(world, slot) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  slot.child = child
  child.on('message', (message: FromService) => hear(world, slot, child, message))
  child.once('error', (error) => ended(world, slot, child, error.message))
  child.once('exit', (code, signal) =>
    ended(world, slot, child, signal === null ? `exit code ${code}` : `signal ${signal}`),
  )
  sendFaults(slot, slot.faults)
}

function toastsAddress({ servers }: World): Record<string, string> {
  return servers?.['toasts'] === undefined ? {} : { TOASTS_URL: servers['toasts'] }
}

/** Flags of one color alone, in `flags/<color>.env`: read when its process starts, as programs read their environment. */
function environmentFlags(world: World, slot: Slot): Record<string, string> {
  const file = join(world.dir, 'flags', `${slot.color}.env`)
  return existsSync(file) ? environmentOf(readFileSync(file, 'utf8')) : {}
}

/** The flags that both colors follow. */
function flagFile(world: World): string {
  return join(world.dir, 'flags', 'lab.flagd.json')
}

/** Puts faults in force on a color, running or not. They outlast a deploy, so that a release can be made to fail. */
export function sendFaults(slot: Slot, faults: Faults): void {
  slot.faults = faults
  tell(slot, { type: 'faults', faults })
}

/** Kills the process of a color without warning. */
export function crash(slot: Slot): void {
  tell(slot, { type: 'crash' })
}

/**
 * Takes a color out of service without losing a request: nothing new is sent to it, what it has is answered, then it
 * gets SIGTERM, and SIGKILL when it does not end within 12 seconds.
 */
export async function stopColor(world: World, slot: Slot): Promise<void> {
  const child = slot.child
  slot.wanted = false
  if (child !== null) {
    slot.state = 'draining'
    await drained(world, slot, DRAIN_MS)
    await endChild(slot, child)
    world.log(`${slot.color} stopped`)
  }
  await world.save()
}

/** Ends a process and waits until it is gone. */
export async function endChild(slot: Slot, child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  const gone = await waitFor(() => slot.child !== child || undefined, EXIT_MS, POLL_MS)
  if (gone !== undefined) return
  child.kill('SIGKILL')
  await waitFor(() => slot.child !== child || undefined, EXIT_MS, POLL_MS)
}

function tell(slot: Slot, message: ToService): void {
  // A process that has just ended cannot hear it, and its exit is reported on its own.
  if (slot.child?.connected === true) slot.child.send(message, () => undefined)
}

function hear(world: World, slot: Slot, child: ChildProcess, message: FromService): void {
  if (slot.child !== child) return
  if (message.type === 'failed') slot.lastExit = message.reason
  else if (slot.state !== 'draining') {
    slot.state = message.ready ? 'ready' : 'starting'
    world.log(`${slot.color} ${message.ready ? `ready (${slot.build?.version ?? '?'})` : 'not ready'}`)
  }
}

function ended(world: World, slot: Slot, child: ChildProcess, how: string): void {
  if (slot.child !== child) return
  const asked = slot.state === 'draining'
  slot.child = null
  slot.state = 'stopped'
  // Idle connections to a process that is gone would fail the first request after the next start.
  slot.agent.destroy()
  slot.agent = newAgent()
  if (asked) return
  slot.lastExit ??= how
  world.log(`${slot.color} ended unexpectedly: ${slot.lastExit}`)
  void world.save()
}
