import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { evidenceFiles, readRun } from '../../runner/journal/store.ts'
import type { StoredRun } from '../../runner/journal/store.ts'
import { evidenceOf } from '../../runner/run-page/evidence.ts'
import { runIds } from '../../runner/run-page/record.ts'

/** Puts the bytes each run's page is checked by beside it: journal, plan, document, head, signatures, output. */
export function publishEvidence(state: string, out: string): void {
  const runs = runIds(state)
  for (const run of runs) {
    const found = readOrNothing(state, run)
    if (!found) continue
    for (const { file } of evidenceOf(found))
      copy(join(found.folder, file), join(out, 'runs', run.toLowerCase(), 'evidence', file))
  }
  const index = join(state, evidenceFiles.index)
  if (runs.length > 0 && existsSync(index)) copy(index, join(out, 'runs', evidenceFiles.index))
}

/** A run that cannot be read has a page that says so, and nothing to check it by. */
function readOrNothing(state: string, run: string): StoredRun | undefined {
  try {
    return readRun(state, run)
  } catch {
    return undefined
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}
