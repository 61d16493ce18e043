import type { Json } from '../../../model/values/json.ts'
import { judged, ok, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import type { Event } from '../../record/event.ts'
import { clockSlackMs, parseClosing, parseHead, peopleOf, runnersBefore } from '../evidence.ts'
import { isPlain, samePerson } from '../../../model/people/person.ts'
import type { Head } from '../evidence.ts'
import { planField } from './run.ts'
import { counted } from '../../../model/counted.ts'

/** Who may have made a head: who ran it, who went past it in an emergency while it waited, and who abandoned it. */
function makersOf(events: readonly Event[], size: number): string[] {
  const others = events
    .slice(0, size)
    .filter(
      ({ type, data }) => type === 'run-passed' || (type === 'run-ended' && data['status'] === 'abandoned'),
    )
  return [...runnersBefore(events, size), ...others.map(({ actor }) => actor.id)]
}

/** The head names this journal, whole and ended; that of a run that has not ended names its beginning. */
export function headChecks(
  text: string | undefined,
  events: readonly Event[],
  hashes: readonly string[],
  open: boolean,
): Check[] {
  if (text === undefined)
    return open
      ? [unproven('head', 'head.json is missing: the run has not paused since it began')]
      : judged('head', ['head.json is missing: nothing says how long the journal was when the run ended'], '')
  const head = parseHead(text)
  if (!head) return judged('head', ['head.json is not a head of format 1'], '')
  const last = open ? events[head.size - 1] : events.at(-1)
  const problems: string[] = []
  if (head.run !== events[0]?.run) problems.push('head.json is of another run')
  if ((!open && head.size !== events.length) || head.sha256 !== hashes[head.size - 1])
    problems.push(
      `The journal is not the one head.json names: ${String(head.size)} events then, ${events.length} now, or others`,
    )
  if (!open && !head.final) problems.push('head.json was made before the run ended')
  if (!makersOf(events, head.size).includes(head.by))
    problems.push(`head.json is by ${JSON.stringify(head.by)}, who did not run it`)
  if (!(Date.parse(head.ts) >= Date.parse(last?.ts ?? '') - clockSlackMs))
    problems.push('head.json is older than the last event: the clock was set back')
  const short = head.sha256.slice(0, 12)
  if (problems.length > 0) return judged('head', problems, '')
  const more = events.length - head.size
  return [
    ok(
      'head',
      open
        ? `head.json names the first ${counted(head.size, 'event')}, ${short}; ${more === 0 ? 'there are no more' : `${more} follow`}`
        : `head.json names this journal: ${counted(events.length, 'event')}, ${short}`,
    ),
  ]
}

export interface ClosingContext {
  text: string | undefined
  events: readonly Event[]
  head: Head | undefined
  plan: Json | undefined
  open: boolean
}

/** A runbook may ask that a second person reads the finished run and puts their name to it. */
export function closingChecks({ text, events, head, plan, open }: ClosingContext): Check[] {
  const wanted = planField(plan, 'close') === 'second-person'
  if (text === undefined)
    return wanted && !open
      ? judged('closing', ['The runbook asks a second person to close the run, and nobody has'], '')
      : []
  const closing = parseClosing(text)
  if (!closing) return judged('closing', ['close.json is not a closing of format 1'], '')
  const problems: string[] = []
  if (open) problems.push('close.json is there and the run has not ended')
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
