import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { here } from './processes.ts'
import type { Boot } from './processes.ts'

const machines = new Map<string, string>()

/** This machine, now, as a state folder knows it. */
export function machineOf(state: string): Boot {
  return { ...here(), machine: idOf(state) }
}

/** The id of a state folder, which is made with its first run. */
function idOf(state: string): string {
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
