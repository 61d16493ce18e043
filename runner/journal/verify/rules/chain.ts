import type { Check } from '../check-result.ts'
import { failed, judged, unproven } from '../check-result.ts'
import type { Json, JsonObject } from '../../../model/values/json.ts'
import { isCanonical } from '../../record/canonical.ts'
import { clockSlackMs, isObject, parseJson } from '../evidence.ts'
import { firstPrev } from '../../record/event.ts'
import type { Event } from '../../record/event.ts'

/** Lines that each name the hash of the line before: a journal, or the heads index. */
export interface Chain<T> {
  entries: T[]
  /** Hex SHA-256 of each line with its newline. */
  hashes: string[]
  problems: string[]
  /** Whether a write that was cut lies behind the last line. It is not a line. */
  torn: boolean
}

export interface ChainEntry extends JsonObject {
  v: number
  seq: number
  ts: string
  prev: string
}

const decoder = new TextDecoder()
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Checks form, sequence and chain over the raw bytes; stops at the first break, for nothing after it means anything. */
export function checkChain<T extends ChainEntry>(
  file: string,
  lines: readonly Uint8Array[],
  hashes: string[],
  torn = false,
): Chain<T> {
  const chain: Chain<T> = { entries: [], hashes, problems: [], torn }
  if (lines.length === 0) chain.problems.push(`${file} is empty`)
  for (const [index, line] of lines.entries()) {
    const problem = linkProblem(line, index, hashes, chain.entries)
    if (problem === undefined) continue
    chain.problems.push(`${file}:${index + 1}: ${problem}`)
    return chain
  }
  return chain
}

function linkProblem(
  line: Uint8Array,
  index: number,
  hashes: readonly string[],
  entries: ChainEntry[],
): string | undefined {
  const text = decoder.decode(line)
  const value = parseJson(text)
  if (value === undefined) return 'The line is not JSON'
  if (!isObject(value) || !isCanonical(text.slice(0, -1), value))
    return 'The line is not in the canonical form this format is written in'
  const link = value as ChainEntry
  if (link.v !== 1) return `Unexpected format version ${JSON.stringify(link.v)}, expected 1`
  if (link.seq !== index) return `Unexpected seq ${JSON.stringify(link.seq)}, expected ${index}`
  if (link.prev !== (index === 0 ? firstPrev : hashes[index - 1]))
    return 'The line before was changed, moved, inserted or removed: `prev` is not its hash'
  if (!isTime(link.ts)) return 'The time is not in the form of this format'
  entries.push(link)
  return undefined
}

function isTime(value: Json | undefined): boolean {
  return typeof value === 'string' && timePattern.test(value) && !Number.isNaN(Date.parse(value))
}

/** Time goes on, except for small corrections of synchronization. */
function clockProblems(file: string, entries: readonly { ts: string }[]): string[] {
  return entries.flatMap(({ ts }, index) => {
    const back = index === 0 ? 0 : Date.parse(entries[index - 1]?.ts ?? '') - Date.parse(ts)
    return back > clockSlackMs ? [`${file}:${index + 1}: The clock went back by ${back} milliseconds`] : []
  })
}

/** Chain, and that all events are of one run and complete in form. */
export function chainChecks(chain: Chain<Event>): Check[] {
  const problems = [...chain.problems]
  const run = chain.entries[0]?.run
  for (const event of chain.entries) {
    const { actor, type, key, data } = event as unknown as Record<string, Json>
    const formed = typeof type === 'string' && typeof key === 'string' && isObject(data) && isActor(actor)
    if (!formed || event.run !== run || typeof run !== 'string' || run === '')
      problems.push(`run.jsonl:${event.seq + 1}: The event is of another run, or not complete`)
  }
  const count = chain.entries.length
  return [
    ...judged(
      'chain',
      problems,
      `All ${count} events follow one another; none was changed, moved or removed between them`,
    ),
    ...judged('clock', clockProblems('run.jsonl', chain.entries), 'The clock never went back'),
  ]
}

/** The journal of an open run alone may end in a write that was cut: whoever resumes it sets that aside. */
export function tornChecks({ entries, torn }: Chain<Event>, open: boolean): Check[] {
  if (!torn) return []
  const words = `run.jsonl:${entries.length + 1}: The last line has no newline: it was cut in mid-line`
  return [open ? unproven('chain', `${words}, as by a crash`) : failed('chain', words)]
}

function isActor(value: Json | undefined): boolean {
  return isObject(value) && ['id', 'host', 'via'].every((name) => typeof value[name] === 'string')
}
