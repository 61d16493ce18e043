import { agentOf } from '../../model/people/agents.ts'
import type { Actor, Plan, PlannedStep } from '../../model/plan.ts'
import { samePerson } from '../../model/people/person.ts'
import { presenceOf } from '../verify/signed-presence.ts'
import { parseKey } from '../record/event.ts'
import type { Event, EventType } from '../record/event.ts'
import { eventWords } from './event-words.ts'
import type { Words } from './tone.ts'

/** One event of a run in words. */
export interface Moment extends Words {
  type: EventType
  /** Place of the event in the journal, from 0. */
  seq: number
  /** UTC, RFC 3339 with milliseconds. */
  at: string
  key: string
  /** Id of the step it is about; undefined for the run. */
  step: string | undefined
  /** Title of that step. */
  title: string | undefined
  by: Actor
  /** How it is known who did it, such as `present (verified)` or `claimed`; empty for what the runner did. */
  identity: string
}

/** The words for one event. Undefined for an event of a type that this version does not know. */
export function momentOf(event: Event, plan: Plan): Moment | undefined {
  if (!Object.hasOwn(eventWords, event.type)) return undefined
  const step = stepOf(event, plan)
  const { type, seq, ts: at, key, actor: by } = event
  const words = eventWords[type](event, { plan, step })
  return {
    type,
    seq,
    at,
    key,
    step: step?.id,
    title: step?.title,
    by,
    ...words,
    identity: identityOf(event, plan),
  }
}

/** The step of the plan that an event is about; undefined for the run. */
function stepOf({ key }: Event, plan: Plan): PlannedStep | undefined {
  const { step } = parseKey(key)
  return plan.steps.find(({ id }) => id === step)
}

const ways: Record<string, string> = {
  terminal: 'at the terminal',
  browser: 'in the browser',
  flag: 'by an option of the command',
  answers: 'by an answers file',
  approve: '',
  agent: '',
  runner: '',
}

/**
 * How it is known who did something: `present (verified)` or `present (touch)` by a security key, `key` by another one,
 * `agent` by its own word, `service` by the list of people, or `claimed`. Signatures are taken at their word here; `verify` and the evidence judge them.
 */
function identityOf({ actor, data }: Event, plan: Plan): string {
  const { attributedTo, sig, payload } = data
  if (typeof attributedTo === 'string' && actor.via === 'answers') return `for ${attributedTo} (says a file)`
  const isSigned = typeof sig === 'string' && typeof payload === 'string'
  const who = isSigned ? signedWords(sig) : claimWords(actor, plan)
  const way = Object.hasOwn(ways, actor.via) ? ways[actor.via] : `by \`${actor.via}\``
  return [who, way].filter(Boolean).join(', ')
}

function signedWords(signature: string): string {
  const { level = 'none', place, origin } = presenceOf(signature) ?? {}
  if (level === 'key' || level === 'none') return 'key'
  return `present (${level}${place === 'hub' ? ` at ${origin}` : ''})`
}

/** Empty for the acts of the runner itself: no person claims them. */
function claimWords(actor: Actor, { services = [], aliases }: Plan): string {
  const { id, via } = actor
  const agent = agentOf(actor)
  if (agent !== undefined) return `agent ${agent}`
  if (services.some((service) => samePerson(service, id, aliases))) return 'service'
  return via === 'runner' ? '' : 'claimed'
}

/** A moment on one line of plain text: when, who, how that is known, what, of which step, and why. */
export function decisionText({ at, by, identity, what, step, detail }: Moment): string {
  const how = identity === '' ? '' : `, ${identity.replaceAll('`', '')}`
  const of = step === undefined ? '' : `, step ${step}`
  return `${at} ${by.id}${how}: ${what.replaceAll('`', '')}${of}${detail === '' ? '' : `: ${detail.replaceAll('`', '')}`}`
}
