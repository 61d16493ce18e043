import { join } from 'node:path'
import { copyWithin } from '../../runner/journal/record/folder.ts'
import { evidenceFiles, readRun } from '../../runner/journal/record/run-store.ts'
import type { StoredRun } from '../../runner/journal/record/run-store.ts'
import { evidenceOf } from '../../runner/pages/evidence-section.ts'
import { runIds } from '../../runner/pages/readable-run.ts'

/** Puts the bytes each run's page is checked by beside it: journal, plan, document, head, signatures, output. */
export function publishEvidence(state: string, out: string): void {
  const runs = runIds(state)
  for (const run of runs) {
    const readable = readOrNothing(state, run)
    if (!readable) continue
    for (const { file } of evidenceOf(readable))
      copyWithin(readable.folder, file, join(out, 'runs', run.toLowerCase(), 'evidence'))
  }
  if (runs.length > 0) copyWithin(state, evidenceFiles.index, join(out, 'runs'))
}

/** A run that cannot be read has a page that says so, and nothing to check it by. */
function readOrNothing(state: string, run: string): StoredRun | undefined {
  try {
    return readRun(state, run)
  } catch {
    return undefined
  }
}
