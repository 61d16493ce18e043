import { judged, ok, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import { clockOutliers } from '../clock-outliers.ts'
import { firstPrev } from '../../record/event.ts'
import type { Event } from '../../record/event.ts'
import { clockSlackMs } from '../evidence.ts'
import type { Head } from '../evidence.ts'
import type { Chain, ChainEntry } from './chain.ts'
import { counted } from '../../../model/counted.ts'

/** One line of heads.jsonl, the index of all runs of a state folder. */
export interface HeadEntry extends ChainEntry {
  type: 'opened' | 'head' | 'removed'
  run: string
  slug: string
  /** The journal's length and last hash then; `removed` repeats the last. */
  size: number
  sha256: string
  final: boolean
  by: string
}

/** The index as every run of it is judged by: read, checked and sorted by run once. */
export interface Index extends Chain<HeadEntry> {
  /** The lines of a run, in order. */
  of(run: string): readonly HeadEntry[]
  /** Whether the clock that wrote a line was wrong, by the lines around it. */
  isOutOfTime(entry: HeadEntry): boolean
  /** How many runs it lists. */
  runs: number
}

export function makeIndex(chain: Chain<HeadEntry>): Index {
  const byRun = new Map<string, HeadEntry[]>()
  for (const entry of chain.entries) {
    const mine = byRun.get(entry.run)
    if (mine) mine.push(entry)
    else byRun.set(entry.run, [entry])
  }
  const wrong = clockOutliers(
    chain.entries.map(({ ts }) => Date.parse(ts)),
    clockSlackMs,
  )
  return {
    ...chain,
    of: (run) => byRun.get(run) ?? [],
    isOutOfTime: ({ seq }) => wrong.has(seq),
    runs: chain.entries.filter(({ type }) => type === 'opened').length,
  }
}

/** The newest state of a run that the index knows; undefined where it knows none. */
export function newestOf(index: Index | undefined, run: string): HeadEntry | undefined {
  return index?.of(run).findLast(({ type }) => type !== 'removed')
}

/**
 * Whether a run has not ended. That is the word of the index, and of the head where there is no index; a journal whose
 * end was cut off would say so of itself.
 */
export function isOpen(
  newest: HeadEntry | undefined,
  head: Head | undefined,
  events: readonly Event[],
  hashes: readonly string[],
): boolean {
  const word = newest ?? head
  if (!word) return events.at(-1)?.type !== 'run-ended'
  if (!word.final) return true
  // A failed run may be resumed after its end.
  return hashes[word.size - 1] === word.sha256 && events[word.size]?.type === 'run-resumed'
}

export interface IndexContext {
  index: Index | undefined
  run: string
  head: Head | undefined
  /** Hex SHA-256 of each line of the journal. */
  hashes: readonly string[]
  open: boolean
}

/** The index of all runs holds this one, in the state it is in now, and the head was made over the index as it stands. */
export function indexChecks({ index, run, head, hashes, open }: IndexContext): Check[] {
  if (!index)
    return [
      unproven(
        'index',
        'There is no index of runs here (heads.jsonl), so a later state of this run could be hidden',
      ),
    ]
  if (index.problems.length > 0) return judged('index', index.problems, '')
  const problems: string[] = []
  const mine = index.of(run)
  const opened = mine.filter(({ type }) => type === 'opened')
  const newest = newestOf(index, run)
  if (opened.length !== 1 || opened[0]?.sha256 !== hashes[0])
    problems.push('heads.jsonl does not hold the beginning of this run exactly once')
  if (newest && hashes[newest.size - 1] !== newest.sha256)
    problems.push(
      'The newest entry of this run in heads.jsonl is another state of it: its end was cut off or replaced',
    )
  else if (!open && (!head || newest?.size !== head.size || newest.sha256 !== head.sha256 || !newest.final))
    problems.push('The newest entry of this run in heads.jsonl is not the one that head.json names')
  const entered = head && newest && newest.size === head.size
  // Nothing follows the last line of an index, so no hash holds it: what it repeats must be the same.
  if (
    newest &&
    (newest.slug !== opened[0]?.slug || (entered && newest.by !== head.by && newest.type === 'head'))
  )
    problems.push('The newest entry of this run in heads.jsonl names another person or runbook')
  if (open && newest && newest.type === 'head' && (!head || head.size < newest.size))
    problems.push(
      'heads.jsonl names a newer head of this run than head.json: it was replaced by an older one',
    )
  if (head && prefixHash(index.hashes, head.index.size) !== head.index.sha256)
    problems.push(
      'heads.jsonl is not the index this head was made over: a run before it was removed or changed',
    )
  for (const entry of mine.filter(index.isOutOfTime))
    problems.push(
      `heads.jsonl:${entry.seq + 1}: The clock that wrote ${entry.ts} does not agree with the lines around it`,
    )
  if (problems.length > 0) return judged('index', problems, '')
  if (open && head && newest && head.size > newest.size)
    return [
      ...tornNotes(index),
      unproven(
        'index',
        `heads.jsonl does not hold the newest head of this run, as after a crash: \`runbook close ${run}\` enters it`,
      ),
    ]
  return [
    ...tornNotes(index),
    ok('index', `The index of ${counted(index.runs, 'run')} holds this run in this state`),
  ]
}

/** The note about an index whose last write was cut. */
export function tornNotes({ torn }: Index): Check[] {
  return torn
    ? [
        unproven(
          'index',
          'A write after the last line of heads.jsonl was cut, as by a crash: the next command that writes sets it aside',
        ),
      ]
    : []
}

/** Hash of the last line of a prefix; that of nothing is 64 zeros. */
export function prefixHash(hashes: readonly string[], size: number): string | undefined {
  return size === 0 ? firstPrev : hashes[size - 1]
}
