import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, platform } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../model/values/json.ts'
import { linux } from './system/linux.ts'
import { portable } from './system/portable.ts'
import type { ProcessIdentity, System } from './system/system.ts'

export type { ProcessIdentity, Survivor } from './system/system.ts'

const system: System = platform() === 'linux' ? linux : portable

/** When a process started, or undefined when there is none of that number. */
export const { startOf } = system

/**
 * Finds processes by the environment every step is started with, wherever they have moved: a new session hides a
 * program from its group, not from this. Programs of other users, and those that cleared their environment, stay unseen.
 */
export const { findByRun } = system

/** A folder in memory for text that must not reach a disk; undefined where there is none. */
export const { memoryFolder } = system

/** Whether a process is left. One that exists and is hidden from this process may be it, and counts as alive. */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  return startOf(pid) === start || (system.isHidden(pid) && signalProcess(pid, 0))
}

/** A machine since it was last started. Two of one host and different boots are before and after a restart. */
export interface Boot extends JsonObject {
  host: string
  boot: string
  /**
   * The id that its state folder keeps: containers of one host share its boot, and may share its name. Journals of older
   * versions lack it.
   */
  machine?: string
}

let current: Pick<Boot, 'host' | 'boot'> | undefined
const machines = new Map<string, string>()

/** This machine, now; with its state folder, as that one knows it. */
export function here(state?: string): Boot {
  current ??= { host: hostname(), boot: system.bootId() }
  return state === undefined ? { ...current } : { ...current, machine: machineOf(state) }
}

/** The id of a state folder, which is made with its first run. */
function machineOf(state: string): string {
  const kept = machines.get(state)
  if (kept !== undefined) return kept
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const file = join(state, 'machine')
  if (!existsSync(file)) makeId(file)
  const id = readFileSync(file, 'utf8').trim()
  machines.set(state, id)
  return id
}

/** Whole, or that of a process that was first. */
function makeId(file: string): void {
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, `${randomUUID()}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Whether something may still run on another machine. A machine that was renamed is the same one until it restarts. */
export function isElsewhere(then: Boot, now: Boot): boolean {
  const { machine = now.machine } = then
  return machine !== (now.machine ?? machine) || (then.boot !== now.boot && then.host !== now.host)
}

/** Whether processes of then would be seen now: on the same machine, which was not restarted in between. */
export function isSameBoot(then: Boot, now: Boot): boolean {
  return then.boot === now.boot && !isElsewhere(then, now)
}

/** Whether a process of the group is left. */
export function hasGroup(leader: number): boolean {
  return signalProcess(-leader, 0)
}

/** Ends what is left of a group whose leader has ended, and says how many processes that was. */
export function endGroup(leader: number): number {
  if (!hasGroup(leader)) return 0
  const left = system.membersOf(leader)
  signalGroup(leader, 'SIGKILL')
  return left
}

/** Signals a whole process group; false when it no longer exists. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-leader, signal)
}

/** The same for one process. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
