import type { Check } from '../journal/verify/check-result.ts'
import type { Tone } from '../journal/story/tone.ts'
import type { ReadableRun } from './readable-run.ts'

/** The result of the evidence of a run, in words, as checked where the page was made. */
export interface Standing {
  tone: Tone
  words: string
  /** The checks that mean something yet. */
  checks: Check[]
  /** Names of checks that cannot hold yet, which is not a fault of the run. */
  later: string[]
}

export function standing(readable: ReadableRun): Standing {
  const { verification, signatures } = readable
  if (!verification) return { tone: 'bad', words: 'the files could not be checked', checks: [], later: [] }
  const over = verification.ended
  const unclosed = over && isUnclosed(readable)
  // A finished run may wait for its second person.
  const later = unclosed ? ['closing'] : []
  const checks = verification.checks.filter(({ name }) => !later.includes(name))
  const all = { checks, later }
  const bad = signatures.some(({ verdict }) => verdict === 'bad')
  if (bad || checks.some(({ status }) => status === 'failed'))
    return { tone: 'bad', words: 'does not hold', ...all }
  if (!over) return { tone: 'info', words: 'intact so far; the run is not over', ...all }
  if (!verification.signed) return { tone: 'info', words: 'intact, UNSIGNED', ...all }
  const words = `intact, signed by ${signatures.find(({ of }) => of === 'seal of the run')?.by ?? ''}`
  return unclosed
    ? { tone: 'info', words: `${words}, not closed by a second person yet`, ...all }
    : { tone: 'ok', words, ...all }
}

function isUnclosed({ plan, signatures }: ReadableRun): boolean {
  return plan.close === 'second-person' && !signatures.some(({ of }) => of.startsWith('closing'))
}
