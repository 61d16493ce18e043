import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { here } from './processes.ts'
import type { Boot } from './processes.ts'
import { addWhole } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

const machines = new Map<string, string>()

/** This machine, now, as a state folder knows it. */
export function machineOf(state: string): Boot {
  return { ...here(), machine: idOf(state) }
}

/** The id of a state folder, which is made with its first run. */
function idOf(state: string): string {
  const kept = machines.get(state)
  if (kept !== undefined) return kept
  makeFolder(state)
  const file = join(state, 'machine')
  // That of a process that was first stays.
  if (!existsSync(file)) addWhole(file, `${randomUUID()}\n`)
  const id = readFileSync(file, 'utf8').trim()
  machines.set(state, id)
  return id
}
