import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFlags } from '../../runner/flags/index.ts'
import { newEntry } from '../../scripts/programs/flags/flag-entry.ts'
import type { Row } from './table.ts'

const evaluations = 200_000
const limitMicroseconds = 1000

/** A question of a program about a flag with buckets, through OpenFeature, each timed by itself. */
export async function flagEvaluation(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-flags-'))
  const file = join(folder, 'bench.flagd.json')
  const key = 'ui_total'
  const about = {
    owner: 'web',
    type: 'release',
    description: '',
    tags: [],
    requires: [],
    expires: '',
  } as const
  const entry = newEntry({ ...about, key, created: new Date().toISOString(), percentage: 12.345 })
  writeFileSync(file, JSON.stringify({ flags: { [key]: entry } }))
  const flags = await openFlags({ provider: 'flagd', file })
  const times = new Float64Array(evaluations)
  for (let index = 0; index < evaluations; index++) {
    const user = { targetingKey: `user-${index}` }
    const started = performance.now()
    await flags.isEnabled(key, user)
    times[index] = (performance.now() - started) * 1000
  }
  await flags.close()
  rmSync(folder, { recursive: true })
  const sorted = times.toSorted()
  const at = (share: number): number => sorted[Math.floor(evaluations * share)] ?? Number.NaN
  const row = { unit: 'µs', against: 'one millisecond', reference: limitMicroseconds } as const
  return [
    { ...row, what: 'the evaluation of a flag by a program, median of 200,000', figure: at(0.5) },
    { ...row, what: 'the same, 99th percentile', figure: at(0.99), budget: 1 },
  ]
}
