import { hasRunner } from '../../engine/lock.ts'
import { askedFile } from '../../engine/people/asked.ts'
import { listWithin, statWithin } from '../../journal/record/folder.ts'
import { isOutput } from '../../journal/verify/read-evidence.ts'
import { evidenceFiles, files, runFolder } from '../../journal/record/run-store.ts'
import { isReadable, readRunOrProblem, runIds } from '../../pages/readable-run.ts'
import type { RunOrProblem, JudgeOf } from '../../pages/readable-run.ts'

/** The run of an address, where letters are small. */
export function idOf(state: string, name: string): string | undefined {
  return runIds(state).find((run) => run.toLowerCase() === name)
}

/** The content of a run's page, by size and time of its source files. */
export function stateOf(state: string, run: string): string {
  const folder = runFolder(state, run)
  const printed = listWithin(folder, files.steps).files.filter(isOutput)
  const asked = listWithin(folder, files.inbox).files
  return [
    evidenceState(state, run),
    stampOf(folder, askedFile),
    ...asked,
    ...printed.map((name) => `${name} ${stampOf(folder, name)}`),
  ].join()
}

/**
 * Reads a run again only when its evidence has changed: each reading hashes all of it and asks about every signature. The
 * seal of a run is one of its files before it is a line of the index. So what was read before its process had ended is
 * read once more.
 */
export function remembering(state: string, judgeOf: JudgeOf): (run: string) => RunOrProblem {
  const cache = new Map<string, { key: string; reading: RunOrProblem; isFinal: boolean }>()
  const isDriven = (reading: RunOrProblem): boolean =>
    isReadable(reading) && hasRunner(state, reading.plan.concurrency, reading.run)
  return (run) => {
    const key = evidenceState(state, run)
    const before = cache.get(run)
    if (before?.key === key && (before.isFinal || isDriven(before.reading))) return before.reading
    const index = stampOf(state, evidenceFiles.index)
    const reading = readRunOrProblem(state, run, judgeOf)
    const isFinal = !isDriven(reading) && stampOf(state, evidenceFiles.index) === index
    cache.set(run, { key, reading, isFinal })
    return reading
  }
}

function evidenceState(state: string, run: string): string {
  const folder = runFolder(state, run)
  const { head, headSignature, closing, closingSignature } = evidenceFiles
  const names = [files.journal, head, headSignature, closing, closingSignature]
  return names.map((name) => stampOf(folder, name)).join()
}

function stampOf(folder: string, name: string): string {
  const stat = statWithin(folder, name)
  return stat ? `${stat.size} ${stat.mtimeNs}` : ''
}
