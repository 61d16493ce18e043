import type { Json } from '../model/json.ts'
import { judged, unproven } from './check.ts'
import type { Check } from './check.ts'
import { firstPrev } from './event.ts'
import type { Event } from './event.ts'
import { clockSlackMs, parseClosing, parseHead, peopleOf, runnersBefore } from './evidence.ts'
import { isPlain, samePerson } from '../model/person.ts'
import type { Head } from './evidence.ts'
import { clockProblems } from './rules-chain.ts'
import type { Chain, Link } from './rules-chain.ts'
import { planField } from './rules-run.ts'

/** One line of heads.jsonl, the index of all runs of a state folder. */
export interface HeadEntry extends Link {
  type: 'opened' | 'head' | 'removed'
  run: string
  slug: string
  /** The journal's length and last hash then; `removed` repeats the last. */
  size: number
  sha256: string
  final: boolean
  by: string
}

/** The head names this journal, whole and ended. */
export function headChecks(
  text: string | undefined,
  events: readonly Event[],
  hashes: readonly string[],
): Check[] {
  if (text === undefined)
    return judged(
      'head',
      ['head.json is missing: nothing says how long the journal was when the run ended'],
      '',
    )
  const head = parseHead(text)
  if (!head) return judged('head', ['head.json is not a head of format 1'], '')
  const last = events.at(-1)
  const problems: string[] = []
  if (head.run !== last?.run) problems.push('head.json is of another run')
  if (head.size !== events.length || head.sha256 !== hashes[events.length - 1])
    problems.push(
      `The journal is not the one head.json names: ${String(head.size)} events then, ${events.length} now, or others`,
    )
  if (!head.final) problems.push('head.json was made before the run ended')
  if (!runnersBefore(events, events.length).includes(head.by))
    problems.push(`head.json is by ${JSON.stringify(head.by)}, who did not run it`)
  if (!(Date.parse(head.ts) >= Date.parse(last?.ts ?? '') - clockSlackMs))
    problems.push('head.json is older than the last event: the clock was set back')
  return judged(
    'head',
    problems,
    `head.json names this journal: ${events.length} events, ${head.sha256.slice(0, 12)}`,
  )
}

/** The index of all runs holds this one, in the state it is in now, and the head was made over the index as it stands. */
export function indexChecks(
  index: Chain<HeadEntry> | undefined,
  head: Head | undefined,
  hashes: readonly string[],
): Check[] {
  if (!index)
    return [
      unproven(
        'index',
        'There is no index of runs here (heads.jsonl), so a later state of this run could be hidden',
      ),
    ]
  const problems = [...index.problems, ...clockProblems('heads.jsonl', index.entries)]
  if (problems.length > 0) return judged('index', problems, '')
  const mine = index.entries.filter(({ run }) => run === head?.run)
  const opened = mine.filter(({ type }) => type === 'opened')
  const latest = mine.findLast(({ type }) => type !== 'removed')
  if (opened.length !== 1 || opened[0]?.sha256 !== hashes[0])
    problems.push('heads.jsonl does not hold the beginning of this run exactly once')
  if (!head || latest?.size !== head.size || latest.sha256 !== head.sha256 || !latest.final)
    problems.push(
      'The newest entry of this run in heads.jsonl is another state of it: its end was cut off or replaced',
    )
  // Nothing follows the last line of an index, so no hash holds it: what it repeats must be the same.
  if (head && latest && (latest.by !== head.by || latest.slug !== opened[0]?.slug))
    problems.push('The newest entry of this run in heads.jsonl names another person or runbook')
  if (head && prefixHash(index.hashes, head.index.size) !== head.index.sha256)
    problems.push(
      'heads.jsonl is not the index this head was made over: a run before it was removed or changed',
    )
  return judged(
    'index',
    problems,
    `The index of ${countRuns(index.entries)} runs holds this run in this state`,
  )
}

/** Hash of the last line of a prefix; that of nothing is 64 zeros. */
export function prefixHash(hashes: readonly string[], size: number): string | undefined {
  return size === 0 ? firstPrev : hashes[size - 1]
}

function countRuns(entries: readonly HeadEntry[]): number {
  return entries.filter(({ type }) => type === 'opened').length
}

export interface ClosingContext {
  text: string | undefined
  events: readonly Event[]
  head: Head | undefined
  plan: Json | undefined
}

/** A runbook may ask that a second person reads the finished run and puts their name to it. */
export function closingChecks({ text, events, head, plan }: ClosingContext): Check[] {
  const wanted = planField(plan, 'close') === 'second-person'
  if (text === undefined)
    return wanted
      ? judged('closing', ['The runbook asks a second person to close the run, and nobody has'], '')
      : []
  const closing = parseClosing(text)
  if (!closing) return judged('closing', ['close.json is not a closing of format 1'], '')
  const problems: string[] = []
  if (closing.run !== head?.run || closing.head.size !== head.size || closing.head.sha256 !== head.sha256)
    problems.push('close.json is about another run, or another state of this one')
  if (closing.planSha256 !== events[0]?.data['planSha256']) problems.push('close.json is about another plan')
  const runners = runnersBefore(events, events.length)
  const { aliases } = peopleOf(plan)
  for (const id of [...new Set([...runners, closing.by])].filter((one) => !isPlain(one)))
    problems.push(`\`${id}\` is not an address in plain ASCII: it cannot be told from another`)
  if (runners.some((id) => samePerson(id, closing.by, aliases)))
    problems.push(`${closing.by} ran this and closed it: a second person must`)
  if (!(Date.parse(closing.ts) >= Date.parse(events.at(-1)?.ts ?? '') - clockSlackMs))
    problems.push('close.json is older than the end of the run')
  return judged('closing', problems, `Closed by ${closing.by} at ${closing.ts}`)
}
