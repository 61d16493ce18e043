import { execFileSync } from 'node:child_process'
import { hostname, uptime } from 'node:os'
import type { System } from './system.ts'

/**
 * macOS and other systems with `ps`: one process a question, and starts to the second. macOS may hide the environment of
 * its own programs, such as /bin/bash, so `findByRun` can miss what a step of these left.
 */
export const portable: System = {
  startOf(pid) {
    return startIn(call('ps', ['-o', 'lstart=', '-p', String(pid)]))
  },
  isHidden: () => false,
  bootId() {
    const session = call('sysctl', ['-n', 'kern.bootsessionuuid'])?.trim()
    if (session) return session
    const start = startIn(call('ps', ['-o', 'lstart=', '-p', '1']))
    // Two machines may start in one second; and the second computed from the uptime may come out one off.
    return `${hostname()}/${start ?? Math.round(Date.now() / 1000 - uptime())}`
  },
  membersOf(group) {
    const lines = (call('ps', ['-ax', '-o', 'pgid=,stat=']) ?? '').split('\n')
    return lines.filter((line) => {
      const [of, state = 'Z'] = line.trim().split(/\s+/)
      return of === String(group) && !state.startsWith('Z')
    }).length
  },
  findByRun(run) {
    const lines = (call('ps', ['-axEww', '-o', 'pid=,pgid=,command=']) ?? '').split('\n')
    return lines.flatMap((line) => {
      const [, pid = '', group = '', rest = ''] = /^\s*(\d+)\s+(\d+) (.*)$/.exec(line) ?? []
      if (!` ${rest} `.includes(` RUNBOOK_RUN_ID=${run} `) || Number(pid) === process.pid) return []
      const start = portable.startOf(Number(pid))
      const attempt = / RUNBOOK_ATTEMPT_ID=(\S*)/.exec(rest)?.[1] ?? ''
      const command = rest.replace(/ [A-Za-z_]\w*=.*$/, '')
      return start === undefined ? [] : [{ pid: Number(pid), start, group: Number(group), command, attempt }]
    })
  },
  memoryFolder: () => undefined,
}

function startIn(printed: string | undefined): string | undefined {
  return printed?.trim().replaceAll(/\s+/g, '_') || undefined
}

function call(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1_048_576,
    })
  } catch {
    return undefined
  }
}
