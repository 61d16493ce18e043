import { approvalProblem } from '../../engine/people/approval.ts'
import { Suspended } from '../../engine/loop/durable.ts'
import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import type { Event } from '../../journal/record/event.ts'
import { parseKey } from '../../journal/record/event.ts'
import type { Question } from '../../kinds/kind.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { compilePattern } from '../../model/values/pattern.ts'
import { readGiven } from '../../model/values/read-input.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import type { Phrase } from '../format/phrase.ts'
import { answersOf, die, diesHere, nextTurn } from './world.ts'
import type { World } from './world.ts'

/** The people of a scenario, asked by the run. */
export interface Asking {
  world: World
  plan: Plan
  events: readonly Event[]
}

/** The answer of people to a question. Throws Suspended when nobody answers, and Died where the runner dies. */
export function askPeople<Q extends AnyQuestion>(
  asking: Asking,
  topic: string,
  question: Q,
  limitMs: number | undefined,
): AllAnswers[Q['type']] {
  const { world } = asking
  const { step } = parseKey(topic)
  if (question.type !== 'go') note(world, `${question.type} ${step}`)
  if (question.type === 'approval' || question.type === 'task' || question.type === 'field') {
    const dies = diesHere(world, 'in', step)
    if (dies) die(world, dies)
  }
  const answer = answerTo(asking, topic, step, question)
  if (answer) return answer as AllAnswers[Q['type']]
  world.now += limitMs ?? 0
  throw new Suspended(topic, question)
}

function note({ asked }: World, what: string): void {
  if (asked.at(-1) !== what) asked.push(what)
}

function answerTo(
  asking: Asking,
  topic: string,
  step: string,
  question: AnyQuestion,
): (JsonObject & { by: Actor }) | undefined {
  const { world } = asking
  const said = answersOf(world, step)
  switch (question.type) {
    case 'go':
      return spoken(world, said.go ?? phraseOf('run'), (verb, reason) => ({ answer: verb, reason }))
    case 'confirm':
      return spoken(world, said.confirm ?? phraseOf('confirmed'), (verb) => ({ answer: verb }))
    case 'resolve':
      return spoken(world, said.resolve ?? nobody, (verb, reason) => ({ answer: verb, reason }))
    case 'gate':
      return spoken(world, inTurn(world, `decide ${step}`, said.decide), (verb, reason) => ({
        answer: verb,
        reason,
      }))
    case 'task': {
      const { tasks = phraseOf('done') } = said
      const phrase = Array.isArray(tasks) ? (tasks[question.index - 1] ?? phraseOf('done')) : tasks
      return spoken(world, phrase, (verb, why) => ({
        answer: verb,
        note: verb === 'done' && why === '' ? '' : why || 'as the scenario says',
        evidence: '',
      }))
    }
    case 'field':
      return field(world, step, question)
    default:
      return approval(asking, topic, step, question)
  }
}

const nobody: Phrase = { verb: 'nobody', by: undefined, afterMs: 0, why: '' }

function phraseOf<V extends string>(verb: V): Phrase<V> {
  return { verb, by: undefined, afterMs: 0, why: '' }
}

function inTurn(world: World, what: string, phrases: Phrase | Phrase[] | undefined): Phrase {
  const list = phrases === undefined ? [] : Array.isArray(phrases) ? phrases : [phrases]
  return list[nextTurn(world, what)] ?? nobody
}

function spoken(
  world: World,
  { verb, by, afterMs, why }: Phrase,
  make: (verb: string, why: string) => JsonObject,
): (JsonObject & { by: Actor }) | undefined {
  if (verb === 'nobody') return undefined
  world.now += afterMs
  return { ...make(verb, why || 'as the scenario says'), by: actorOf(world, by) }
}

function field(
  world: World,
  step: string,
  { name, spec }: Extract<Question, { type: 'field' }>,
): (JsonObject & { by: Actor }) | undefined {
  const given = answersOf(world, step).fields?.[name]
  const read = readGiven(spec, given, compilePattern)
  if (read === undefined) return undefined
  if (read.ok) return { value: read.value, by: actorOf(world, undefined) }
  world.problems.push({ step, message: `Field \`${name}\` of step \`${step}\`: ${read.problem.message}` })
  return undefined
}

/** Decisions are held against the rules of approvals at the time they are made; one that does not count is ignored. */
function approval(
  { world, plan, events }: Asking,
  topic: string,
  step: string,
  question: Extract<Question, { type: 'approval' }>,
): (JsonObject & { by: Actor }) | undefined {
  const { deadline } = question
  const { approvals = [] } = answersOf(world, step)
  const list = Array.isArray(approvals) ? approvals : [approvals]
  for (;;) {
    const { verb, by, afterMs, why } = list[nextTurn(world, `approval ${step}`)] ?? nobody
    if (verb === 'nobody') return deadline === undefined ? undefined : expired(world, deadline)
    if (deadline !== undefined && world.now + afterMs >= deadline) return expired(world, deadline)
    world.now += afterMs
    const actor = actorOf(world, by)
    const problem = approvalProblem(plan, events, topic, actor.id, world.now)
    if (problem === undefined) return { decision: verb, reason: why || 'as the scenario says', by: actor }
    world.refused.push(step)
  }
}

function expired(world: World, deadline: number): JsonObject & { by: Actor } {
  world.now = Math.max(world.now, deadline)
  const reason = `nobody decided until ${new Date(deadline).toISOString()}`
  return { decision: 'expired', reason, by: actorOf(world, undefined) }
}

export function actorOf({ actor, machine }: World, by: string | undefined): Actor {
  return { id: by ?? actor, host: machine.host, via: by === undefined ? 'terminal' : 'approve' }
}
