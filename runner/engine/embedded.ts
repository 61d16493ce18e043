import type { Journal } from '../journal/write.ts'
import type { Event, EventType } from '../journal/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Actor, Plan } from '../model/plan.ts'
import type { CheckSignature } from '../journal/rules-signatures.ts'
import { disbelief, requestData } from './approval.ts'
import { sleepUntil } from './clock.ts'
import { Cancelled, Suspended, resolutions } from './durable.ts'
import type { AllAnswers, AnyQuestion, DurableRun, Recorded, ResolveAnswer } from './durable.ts'
import { readInbox } from './inbox.ts'

/** Asks whoever is there. Undefined when nobody can be asked. */
export interface Operator {
  /** Whether a person is at the terminal. */
  readonly present: boolean
  ask<Q extends AnyQuestion>(
    topic: string,
    question: Q,
    signal: AbortSignal,
  ): Promise<AllAnswers[Q['type']] | undefined>
}

export interface EmbeddedOptions {
  plan: Plan
  folder: string
  journal: Journal
  actor: Actor
  operator: Operator
  cancelled: AbortSignal
  now: () => number
  /** Judges the signatures of approvals; without it none are asked for. */
  check: CheckSignature | undefined
}

const answerTypes: Record<AnyQuestion['type'], EventType> = {
  go: 'step-confirmed',
  confirm: 'word-confirmed',
  resolve: 'outcome-resolved',
  task: 'task-ticked',
  approval: 'approval-given',
  gate: 'gate-answered',
}

/** The durable run on files: the journal is what is recorded, the inbox is where answers from elsewhere arrive. */
export function embeddedRun(options: EmbeddedOptions): DurableRun {
  const { journal, actor, cancelled } = options
  const index = new Map<string, Event>()
  const name = (type: EventType, key: string): string => `${type} ${key}`
  for (const event of journal.events)
    if (!index.has(name(event.type, event.key))) index.set(name(event.type, event.key), event)
  const resumedAt = journal.events.length

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
    const rejected = type === 'approval' ? peek<T>('approval-rejected', topic) : undefined
    return rejected ?? peek<T>(answerTypes[type], topic)
  }

  return {
    id: journal.events[0]?.run ?? '',
    cancelled,
    present: options.operator.present,
    resumedAt,
    now: options.now,
    peek,
    async record(type, key, make) {
      const known = peek<Awaited<ReturnType<typeof make>>>(type, key)
      return known ?? append(type, key, await make(), actor)
    },
    async wait<Q extends AnyQuestion>(topic: string, question: Q) {
      type Answer = AllAnswers[Q['type']]
      const known = answered<Answer>(topic, question.type)
      if (known) return known
      if (question.type === 'approval' && !peek('approval-requested', topic)) {
        append('approval-requested', topic, requestData(options.plan, topic, question), actor)
      }
      const answer = await firstAnswer<Q>(topic, question, options)
      const rejected = question.type === 'approval' && 'decision' in answer && answer.decision === 'rejected'
      return append<Answer>(
        rejected ? 'approval-rejected' : answerTypes[question.type],
        topic,
        answer,
        answer.by,
      )
    },
    sleepUntil: (at) => sleepUntil(at, options),
  }
}

/** Takes the first answer, from the inbox or from the operator, whichever speaks first. */
async function firstAnswer<Q extends AnyQuestion>(
  topic: string,
  question: Q,
  options: EmbeddedOptions,
): Promise<AllAnswers[Q['type']]> {
  const done = new AbortController()
  const stop = AbortSignal.any([done.signal, options.cancelled])
  try {
    const posted = readInbox<AllAnswers[Q['type']]>(options.folder, topic, stop, (answer) =>
      acceptable(question, topic, answer, options),
    )
    const here =
      posted.now ?? (await Promise.race([posted.later, options.operator.ask(topic, question, stop)]))
    if (options.cancelled.aborted) throw new Cancelled('The run was stopped while it waited')
    if (here === undefined) throw new Suspended(topic, question)
    return here
  } finally {
    done.abort()
  }
}

/** What lies in the inbox was put there by somebody; the rules are asked again before it is believed. */
function acceptable(
  question: AnyQuestion,
  topic: string,
  answer: JsonObject & { by?: Actor },
  { plan, journal, check }: EmbeddedOptions,
): boolean {
  if (typeof answer.by?.id !== 'string') return false
  if (question.type === 'resolve') return isResolution(answer)
  if (question.type !== 'approval') return false
  const { by } = answer
  const believing = { plan, events: journal.events, head: journal.head(), check }
  return disbelief({ ...answer, by }, topic, believing) === undefined
}

function isResolution({ answer, reason }: Partial<ResolveAnswer>): boolean {
  return (
    typeof reason === 'string' && reason.trim() !== '' && (resolutions as readonly unknown[]).includes(answer)
  )
}
