import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, platform, uptime } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../model/values/json.ts'

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in a form that only ever is compared. */
  start: string
}

/** When a process started, or undefined when there is none of that number. */
export function startOf(pid: number): string | undefined {
  if (platform() === 'linux') return startFromProc(pid)
  return (
    ps(['-o', 'lstart=', '-p', String(pid)])
      ?.trim()
      .replaceAll(/\s+/g, '_') || undefined
  )
}

function ps(args: readonly string[]): string | undefined {
  try {
    return execFileSync('ps', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1_048_576,
    })
  } catch {
    return undefined
  }
}

function startFromProc(pid: number): string | undefined {
  const fields = statFields(pid)
  return fields[0] === 'Z' ? undefined : fields[19]
}

function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may hold anything; fields count from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

export function isAlive({ pid, start }: ProcessIdentity): boolean {
  return startOf(pid) === start
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
  current ??= { host: hostname(), boot: readBootId() }
  return state === undefined ? { ...current } : { ...current, machine: machineOf(state) }
}

/** Whether two are one machine, restarted in between or not. */
export function isSameMachine(one: Boot, other: Boot): boolean {
  const { machine = other.machine } = one
  return one.host === other.host && machine === (other.machine ?? machine)
}

/** Whether two are one machine that was not restarted in between: what one has started the other would see. */
export function isSameBoot(one: Boot, other: Boot): boolean {
  return isSameMachine(one, other) && one.boot === other.boot
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

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // The second at which a machine was started is computed, and may come out one off.
    return ps(['-o', 'lstart=', '-p', '1'])?.trim().replaceAll(/\s+/g, '_') || String(Math.round(uptime()))
  }
}

/** Whether a process of the group is left. */
export function hasGroup(leader: number): boolean {
  return signalProcess(-leader, 0)
}

/** Ends what is left of a group whose leader has ended, and says how many processes that was. */
export function endGroup(leader: number): number {
  if (!hasGroup(leader)) return 0
  const left = platform() === 'linux' ? membersInProc(leader) : membersWithPs(leader)
  signalGroup(leader, 'SIGKILL')
  return left
}

function membersInProc(group: number): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    const [state = 'Z', , of] = statFields(Number(name))
    return of === String(group) && !/[ZX]/.test(state)
  }).length
}

function membersWithPs(group: number): number {
  const lines = (ps(['-ax', '-o', 'pgid=,stat=']) ?? '').split('\n')
  return lines.filter((line) => {
    const [of, state = 'Z'] = line.trim().split(/\s+/)
    return of === String(group) && !state.startsWith('Z')
  }).length
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

export interface Survivor extends ProcessIdentity {
  group: number
  command: string
  /** The attempt its environment names, such as `tag/1`. */
  attempt: string
}

/**
 * Finds processes by the environment every step is started with, wherever they have moved: a new session hides a
 * program from its group, not from this. Programs of other users, and those that cleared their environment, stay unseen.
 */
export function findByRun(run: string): Survivor[] {
  return platform() === 'linux' ? findInProc(run) : findWithPs(run)
}

function findInProc(run: string): Survivor[] {
  const mark = `\0RUNBOOK_RUN_ID=${run}\0`
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const environment = `\0${readFileSync(`/proc/${name}/environ`, 'latin1')}\0`
      if (!environment.includes(mark)) return []
      const start = startOf(Number(name))
      if (start === undefined) return []
      const attempt = /\0RUNBOOK_ATTEMPT_ID=([^\0]*)/.exec(environment)?.[1] ?? ''
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      const group = Number(statFields(Number(name))[2])
      return [{ pid: Number(name), start, group, command, attempt }]
    } catch {
      return []
    }
  })
}

function findWithPs(run: string): Survivor[] {
  const lines = (ps(['-axEww', '-o', 'pid=,pgid=,command=']) ?? '').split('\n')
  return lines.flatMap((line) => {
    const [, pid = '', group = '', rest = ''] = /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? []
    if (!` ${rest} `.includes(` RUNBOOK_RUN_ID=${run} `) || Number(pid) === process.pid) return []
    const start = startOf(Number(pid))
    const attempt = / RUNBOOK_ATTEMPT_ID=(\S*)/.exec(rest)?.[1] ?? ''
    const command = rest.replace(/ [A-Za-z_]\w*=.*$/, '')
    return start === undefined ? [] : [{ pid: Number(pid), start, group: Number(group), command, attempt }]
  })
}
