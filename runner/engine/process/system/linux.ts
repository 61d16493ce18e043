import { accessSync, constants, existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import type { Survivor, System } from './system.ts'

/** Linux: everything is read from /proc, without a process. */
export const linux: System = {
  startOf(pid) {
    const fields = statFields(pid)
    return fields[0] === 'Z' ? undefined : fields[19]
  },
  isHidden: (pid) => !existsSync(`/proc/${pid}`),
  bootId() {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const space = processSpace()
    return space === undefined ? boot : `${boot}/${space}`
  },
  membersOf(group) {
    return readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false
      const [state = 'Z', , of] = statFields(Number(name))
      return of === String(group) && !/[ZX]/.test(state)
    }).length
  },
  findByRun(run) {
    const mark = `\0RUNBOOK_RUN_ID=${run}\0`
    return readdirSync('/proc').flatMap((name) =>
      /^\d+$/.test(name) && Number(name) !== process.pid ? markedProcess(Number(name), mark) : [],
    )
  },
  memoryFolder() {
    try {
      accessSync('/dev/shm', constants.W_OK)
      return '/dev/shm'
    } catch {
      return undefined
    }
  },
}

/** The namespace of processes that the machine itself has, on every Linux. */
const machine = 'pid:[4026531836]'

/** The namespace of processes of a container: the numbers of one say nothing in another. Undefined outside of any. */
function processSpace(): string | undefined {
  try {
    const space = readlinkSync('/proc/self/ns/pid')
    return space === machine ? undefined : space
  } catch {
    return undefined
  }
}

function markedProcess(pid: number, mark: string): Survivor[] {
  try {
    if (!hasProgram(pid)) return []
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`
    if (!environment.includes(mark)) return []
    const start = linux.startOf(pid)
    if (start === undefined) return []
    const attempt = /\0RUNBOOK_ATTEMPT_ID=([^\0]*)/.exec(environment)?.[1] ?? ''
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return [{ pid, start, group: Number(statFields(pid)[2]), command, attempt }]
  } catch {
    return []
  }
}

/**
 * Whether a process has a program that this one may see, and so an environment: the kernel's own have none, and others
 * belong to other users. An attempt to read that fails takes far longer than this look.
 */
function hasProgram(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`)
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
