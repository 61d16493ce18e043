import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { evidenceFiles } from '../../runner/journal/store.ts'
import { evidenceOf } from '../../runner/run-page/evidence.ts'
import { isReadable, readFound, runIds } from '../../runner/run-page/record.ts'

/** Puts the bytes each run's page is checked by beside it: journal, plan, document, head, signatures, output. */
export function publishEvidence(state: string, out: string): void {
  const runs = runIds(state)
  for (const run of runs) {
    const found = readFound(state, run, () => ({ check: undefined, source: 'none' }))
    if (!isReadable(found)) continue
    for (const { file } of evidenceOf(found))
      copy(join(found.folder, file), join(out, 'runs', run.toLowerCase(), 'evidence', file))
  }
  const index = join(state, evidenceFiles.index)
  if (runs.length > 0 && existsSync(index)) copy(index, join(out, 'runs', evidenceFiles.index))
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}
