import { samePerson } from '../../../model/people/person.ts'
import { asText } from '../../../model/values/json.ts'
import type { Json, JsonObject } from '../../../model/values/json.ts'
import { canonical } from '../../record/canonical.ts'
import { parseKey } from '../../record/event.ts'
import type { Event, EventType } from '../../record/event.ts'
import { clockSkewMs, parsePayload, peopleOf, runnersBefore, sameJson } from '../evidence.ts'
import { finishes, planSteps } from './run.ts'
import { otherField } from './signed-fields.ts'

/** The purpose of the signature of an act, by the type of its event. */
const purposes: Partial<Record<EventType, 'go' | 'confirm' | 'attest'>> = {
  'step-confirmed': 'go',
  'word-confirmed': 'confirm',
  'gate-answered': 'confirm',
  'task-ticked': 'attest',
  'field-answered': 'attest',
}

/** An act that is recorded or about to be. */
export type Act = Pick<Event, 'type' | 'key' | 'data'>

/** The answers of an act: its own, or for the last tick or field of a step all of that step. */
function answersOf(act: Act, before: readonly Event[]): JsonObject[] {
  const { step } = parseKey(act.key)
  const earlier = before.filter((event) => isAttested(event) && parseKey(event.key).step === step)
  return [...(isAttested(act) ? earlier : []), act].map(({ key, data }) => {
    const { by: _, payload: _p, sig: _s, received: _r, shown: _t, ...answer } = data
    return { key, answer }
  })
}

function isAttested({ type }: Pick<Event, 'type'>): boolean {
  return purposes[type] === 'attest'
}

interface Statement {
  act: Act
  by: string
  /** The events before the act, and the hash of the last of them. */
  events: readonly Event[]
  head: string
  nonce: string
}

/** The statement about an act, without its time: what was answered, in this run under this plan after these events. */
export function actDraft({ act, by, events, head, nonce }: Statement): JsonObject {
  const [first] = events
  return {
    v: 1,
    purpose: purposes[act.type] ?? '',
    run: first?.run ?? '',
    step: parseKey(act.key).step,
    topic: act.key,
    answers: answersOf(act, events),
    by,
    planSha256: asText(first?.data['planSha256']),
    inputsSha256: asText(first?.data['inputsSha256']),
    head: { size: events.length, sha256: head },
    nonce,
  }
}

/** Whether an event is one that the operator signs where presence is asked for. Of ticks and fields the last of a step is. */
export function signedActs(events: readonly Event[]): Event[] {
  const ends = finishes(events)
  const last = new Map<string, number>()
  for (const event of events) if (isAttested(event)) last.set(parseKey(event.key).step, event.seq)
  return events.filter((event) => {
    const { step } = parseKey(event.key)
    if (purposes[event.type] === undefined) return false
    return !isAttested(event) || (ends.has(step) && last.get(step) === event.seq)
  })
}

/**
 * Steps that went on without the act that they ask of the operator: a step that writes without a go, tasks and fields
 * without an answer. `isAsked` says where presence is asked for.
 */
export function missingActs(
  events: readonly Event[],
  plan: Json | undefined,
  isAsked: (step: string) => boolean,
): string[] {
  const ends = finishes(events)
  const hasAct = (type: EventType, step: string, before = Infinity): boolean =>
    events.some((event) => event.type === type && event.seq < before && parseKey(event.key).step === step)
  return planSteps(plan).flatMap(({ id, effect, kind, tasks }) => {
    const step = asText(id)
    if (!isAsked(step)) return []
    const started = events.find(({ type, key }) => type === 'step-started' && parseKey(key).step === step)
    const isDone = ends.get(step)?.data['status'] === 'passed'
    if (effect === 'write' && started && !hasAct('step-confirmed', step, started.seq))
      return [`Step \`${step}\` began without a go of whoever runs it`]
    const isTicked = !Array.isArray(tasks) || tasks.length === 0 || hasAct('task-ticked', step)
    const isFilled = kind !== 'ask' || hasAct('field-answered', step)
    return isDone && !(isTicked && isFilled) ? [`Step \`${step}\` passed without an answer`] : []
  })
}

/** The rules that the signed statement of an act must keep; `hashes` are those of the lines before and after it. */
export function actProblems(
  event: Event,
  events: readonly Event[],
  hashes: readonly string[],
  plan: Json | undefined,
): string[] {
  const by = event.actor.id
  const payload = parsePayload(event.data['payload'])
  if (!payload) return [`\`${event.key}\` carries no statement of ${by} that binds it to the run`]
  const { aliases } = peopleOf(plan)
  const before = events.slice(0, event.seq)
  const { head, nonce } = payload
  const { head: _, ...expected } = actDraft({ act: event, by, events: before, head: '', nonce })
  const problems = Object.entries(expected)
    .filter(([name, value]) => !sameJson(payload[name], value))
    .map(([name]) => `\`${event.key}\` was signed for ${otherField(name)}`)
  const atHead = events[head.size - 1]
  if (!(head.size <= event.seq) || hashes[head.size - 1] !== head.sha256 || !atHead)
    problems.push(`History before \`${event.key}\` was rewritten`)
  const at = Date.parse(payload.ts)
  if (!(at >= Date.parse(atHead?.ts ?? '') - clockSkewMs && at <= Date.parse(event.ts) + clockSkewMs))
    problems.push(`\`${event.key}\` was signed at ${payload.ts}, which is not before its record`)
  if (before.some(({ data }) => parsePayload(data['payload'])?.nonce === nonce))
    problems.push('The same statement was used twice')
  if (!runnersBefore(before, before.length).some((id) => samePerson(id, by, aliases)))
    problems.push(`${by} answered \`${event.key}\` and did not run it`)
  return problems
}

/** The statement of an act as text; `ts` is when it was signed, RFC 3339. */
export function actText(statement: Statement, ts: string): string {
  return canonical({ ...actDraft(statement), ts })
}
