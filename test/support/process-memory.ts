import { readFileSync } from 'node:fs'

/** The most that a process has held so far, in MB: the kernel keeps it, so a late look sees all of it. NaN when it is gone. */
export function mostMemory(pid = 0): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return peak ? Number(peak[1]) / 1024 : Number.NaN
  } catch {
    return Number.NaN
  }
}
