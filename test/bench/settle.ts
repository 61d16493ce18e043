import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const probes = 9
/** On a disk at rest a new, empty file takes a tenth of this. */
const restMs = 0.5
const longestMs = 90_000

/**
 * Waits until a new file costs what it costs on a machine at rest. Before ext4 hands out an inode it looks at each one
 * that was deleted in the last 35 seconds (`recently_deleted` in fs/ext4/ialloc.c): after a test run every new file
 * takes a millisecond and more. Says so when it waits in vain.
 */
export async function settle(): Promise<void> {
  const end = performance.now() + longestMs
  let cost = newFileMs()
  for (; cost > restMs && performance.now() < end; cost = newFileMs()) await sleep(5000)
  if (cost > restMs)
    process.stderr.write(
      `A new file takes ${cost.toFixed(1)} ms here: what creates files is measured on a busy disk.\n`,
    )
}

function newFileMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'bench-settle-'))
  const times = Array.from({ length: probes }, (_, index) => {
    const started = performance.now()
    writeFileSync(join(folder, String(index)), '')
    return performance.now() - started
  })
  rmSync(folder, { recursive: true })
  return times.toSorted((a, b) => a - b)[Math.floor(probes / 2)] ?? Number.NaN
}
