import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { outputFile } from '../../journal/read-evidence.ts'
import { evidenceFiles, files, runFolder } from '../../journal/store.ts'
import { readFound, runIds } from '../../run-page/record.ts'
import type { FoundRun, JudgeOf } from '../../run-page/record.ts'

/** The run of an address, where letters are small. */
export function idOf(state: string, name: string): string | undefined {
  return runIds(state).find((run) => run.toLowerCase() === name)
}

/** What a run's page shows, by size and time of the files it is made from. */
export function stateOf(state: string, run: string): string {
  const folder = runFolder(state, run)
  const steps = join(folder, files.steps)
  const printed = existsSync(steps) ? readdirSync(steps).filter((name) => outputFile.test(name)) : []
  return [evidenceState(state, run), ...printed.map((name) => `${name} ${stampOf(join(steps, name))}`)].join()
}

/** Reads a run again only when its evidence has changed: each reading hashes all of it and asks about every signature. */
export function remembering(state: string, judgeOf: JudgeOf): (run: string) => FoundRun {
  const known = new Map<string, { key: string; found: FoundRun }>()
  return (run) => {
    const key = evidenceState(state, run)
    const before = known.get(run)
    if (before?.key === key) return before.found
    const found = readFound(state, run, judgeOf)
    known.set(run, { key, found })
    return found
  }
}

function evidenceState(state: string, run: string): string {
  const folder = runFolder(state, run)
  const names = [files.journal, evidenceFiles.head, evidenceFiles.closing, evidenceFiles.closingSignature]
  return names.map((name) => stampOf(join(folder, name))).join()
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat ? `${stat.size} ${stat.mtimeNs}` : ''
}
