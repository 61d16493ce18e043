import type { Event, EventType } from '../../journal/record/event.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'
import { requestData } from '../people/approval.ts'
import { answerTypes } from '../people/attest.ts'
import { firstAnswer } from '../people/first-answer.ts'
import type { Run } from '../run.ts'
import { sleepUntil } from './clock.ts'
import { Suspended } from './durable.ts'
import type { AllAnswers, AnyQuestion, DurableRun, Recorded } from './durable.ts'

/** The ports of a durable run beside its journal: people, time and chance. */
export interface DurablePorts {
  /** The first answer to a question. Throws Suspended and Cancelled as `DurableRun.wait`. */
  answer<Q extends AnyQuestion>(
    topic: string,
    question: Q,
    limitMs: number | undefined,
  ): Promise<AllAnswers[Q['type']] & { replaces?: Json }>
  /** Throws Cancelled when the run is stopped. */
  sleepUntil(at: number): Promise<void>
  random(): number
}

type Recording = Pick<Run, 'id' | 'plan' | 'journal' | 'actor' | 'operator' | 'cancel' | 'now'>

/** A real run: the inbox is where answers from elsewhere arrive. */
export function realPorts(run: Run): DurablePorts {
  return {
    answer: (topic, question, limitMs) => firstAnswer(run, topic, question, limitMs),
    sleepUntil: (at) => sleepUntil(at, { now: run.now, cancelled: run.cancel.soft }),
    random: Math.random,
  }
}

/** The durable run over a journal: what is recorded there is never asked or made again. */
export function durableJournal(run: Recording, ports: DurablePorts): DurableRun {
  const { journal, operator } = run
  const index = new Map<string, Event>()
  const name = (type: EventType, key: string): string => `${type} ${key}`
  for (const event of journal.events)
    if (!index.has(name(event.type, event.key))) index.set(name(event.type, event.key), event)

  function append<T extends JsonObject>(type: EventType, key: string, value: T, by: Actor): Recorded<T> {
    const event = journal.append(type, key, value, by)
    index.set(name(type, key), event)
    return { value: event.data as T, first: true, seq: event.seq }
  }
  function peek<T extends JsonObject>(type: EventType, key: string): Recorded<T> | undefined {
    const event = index.get(name(type, key))
    return event && { value: event.data as T, first: false, seq: event.seq }
  }
  function answered<T extends JsonObject>(topic: string, type: AnyQuestion['type']): Recorded<T> | undefined {
    const no =
      type === 'approval'
        ? (peek<T>('approval-rejected', topic) ?? peek<T>('approval-expired', topic))
        : undefined
    return no ?? peek<T>(answerTypes[type], topic)
  }

  return {
    id: run.id,
    cancelled: run.cancel.soft,
    present: operator.present,
    resumedAt: journal.events.length,
    now: run.now,
    peek,
    async record(type, key, make) {
      const recorded = peek<Awaited<ReturnType<typeof make>>>(type, key)
      return recorded ?? append(type, key, await make(), run.actor)
    },
    async wait<Q extends AnyQuestion>(topic: string, question: Q, limitMs?: number) {
      type Answer = AllAnswers[Q['type']]
      const recorded = answered<Answer>(topic, question.type)
      if (recorded) return recorded
      if (question.type === 'approval')
        for (const each of question.topics)
          if (!peek('approval-requested', each))
            append(
              'approval-requested',
              each,
              requestData(run.plan, each, question, journal.events),
              run.actor,
            )
      const given: Answer & { replaces?: Json } = await ports.answer(topic, question, limitMs)
      const { replaces, ...answer } = given
      const { by } = given
      if (replaces !== undefined) append('approval-replaced', topic, { was: replaces }, by)
      return append<Answer>(eventOf(question, answer), topic, answer as Answer, by)
    },
    sleepUntil(at, topic) {
      if (topic !== undefined && operator.detach && at > run.now())
        throw new Suspended(topic, { type: 'moment', until: at })
      return ports.sleepUntil(at)
    },
    random: ports.random,
  }
}

function eventOf(question: AnyQuestion, answer: JsonObject): EventType {
  if (question.type !== 'approval' || answer['decision'] === 'approved') return answerTypes[question.type]
  return answer['decision'] === 'expired' ? 'approval-expired' : 'approval-rejected'
}
