import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs'
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
    const variables = isReadable(pid) ? environmentOf(pid) : Buffer.of()
    if (!variables.includes(mark, 0, 'latin1')) return []
    const environment = variables.toString('latin1')
    const start = linux.startOf(pid)
    if (start === undefined) return []
    const attempt = /\0RUNBOOK_ATTEMPT_ID=([^\0]*)/.exec(environment)?.[1] ?? ''
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return [{ pid, start, group: Number(statFields(pid)[2]), command, attempt }]
  } catch {
    return []
  }
}

/** Only root reads the environment of other users' processes; an attempt that fails takes far longer than this look. */
function isReadable(pid: number): boolean {
  const self = process.geteuid?.()
  return self === 0 || statSync(`/proc/${pid}`).uid === self
}

/** For the environment of one process after another: a machine has hundreds. */
let room = Buffer.alloc(64 * 1024)

/** The variables of a process, with a NUL before each and after the last, in room that the next call uses again. */
function environmentOf(pid: number): Buffer {
  const file = openSync(`/proc/${pid}/environ`, 'r')
  try {
    let length = 1
    for (let read = -1; read !== 0; length += read) {
      if (room.length - length < 4096) room = Buffer.concat([room], 2 * room.length)
      read = readSync(file, room, length, room.length - length - 1, null)
    }
    room[length] = 0
    return room.subarray(0, length + 1)
  } finally {
    closeSync(file)
  }
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
