import { hostname, platform } from 'node:os'
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

/** This machine, now. */
export function here(): Boot {
  current ??= { host: hostname(), boot: system.bootId() }
  return { ...current }
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
