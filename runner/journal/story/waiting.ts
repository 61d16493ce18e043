import { asText } from '../../model/values/json.ts'
import type { Plan } from '../../model/plan.ts'
import { samePerson } from '../../model/people/person.ts'
import { openRequests, parseKey } from '../record/event.ts'
import type { Event } from '../record/event.ts'
import { runnersBefore } from '../verify/evidence.ts'
import type { RunState } from '../fold.ts'

/** The question that a run waits for, and who may answer. */
export interface Waiting {
  /** A sentence's beginning without a period, such as `Waiting for an approval of “Go or no-go”`. */
  words: string
  step: string | undefined
  /** People and roles that may decide; empty when whoever is at the terminal answers. */
  mayDecide: string[]
  /** When the request expires, RFC 3339; undefined when it does not. */
  until: string | undefined
}

/** The question that the run waits for, by its journal; undefined when it runs or has ended. */
export function waitingOf(events: readonly Event[], state: RunState, plan: Plan): Waiting | undefined {
  if (state.endedAt !== undefined) return undefined
  const asked = openRequests(events).at(-1)
  const topic = state.waitingFor?.topic ?? asked?.key
  if (topic === undefined) return undefined
  const request = asked?.key === topic ? asked : undefined
  const { deadline } = request?.data ?? {}
  const step = plan.steps.find(({ id }) => id === parseKey(topic).step)
  return {
    words: waitWords(topic, plan),
    step: step?.id,
    mayDecide: request ? deciders(request, events, plan) : [],
    until: typeof deadline === 'number' ? new Date(deadline).toISOString() : undefined,
  }
}

/** Roles stand for their people where the plan lists them; whoever ran it is left out. */
function deciders(request: Event, events: readonly Event[], plan: Plan): string[] {
  const { approvers } = request.data
  const named = Array.isArray(approvers) ? approvers.map(asText) : []
  const people = [...new Set(named.flatMap((name) => plan.people?.[name] ?? [name]))]
  if (plan.selfApproval) return people
  const runners = runnersBefore(events, events.length)
  return people.filter((name) => !runners.some((runner) => samePerson(runner, name, plan.aliases)))
}

/** A question in words, from the topic it is recorded under. */
export function waitWords(topic: string, plan: Plan): string {
  const step = plan.steps.find(({ id }) => id === parseKey(topic).step)
  const title = step === undefined ? `\`${topic}\`` : `“${step.title}”`
  if (topic.endsWith('/go')) return `Waiting for a go to run ${title}`
  if (topic.endsWith('/confirm')) return `Waiting for a confirmation of ${title}`
  if (topic.endsWith('/resolve')) return `Waiting for the outcome of ${title}, whose result is unknown`
  if (topic.includes('/inconclusive')) return `Waiting for a decision on ${title}, which is inconclusive`
  switch (step?.kind) {
    case 'approval':
      return `Waiting for an approval of ${title}`
    case 'checklist':
      return `Waiting for a task of ${title}`
    case 'ask':
      return `Waiting for an answer to ${title}`
    case 'wait':
      return `Waiting for the time of ${title}`
    default:
      return `Waiting for an answer to ${title}`
  }
}
