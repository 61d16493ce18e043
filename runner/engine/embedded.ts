import type { Journal } from '../journal/write.ts'
import type { Event, EventType } from '../journal/event.ts'
import { asText } from '../model/json.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Actor, Plan } from '../model/plan.ts'
import type { CheckSignature } from '../journal/rules-signatures.ts'
import { disbelief, mayStillDecide, requestData } from './people/approval.ts'
import { sleepUntil } from './loop/clock.ts'
import { Cancelled, Suspended, resolutions } from './loop/durable.ts'
import type { AllAnswers, AnyQuestion, DurableRun, Recorded, ResolveAnswer } from './loop/durable.ts'
import type { ApprovalAnswer } from '../kinds/kind.ts'
import { readInbox } from './people/inbox.ts'

/** Asks whoever is there. Undefined when nobody can be asked. */
export interface Operator {
  /** Whether a person is at the terminal. */
  readonly present: boolean
  /** Whether a long wait is left to be taken up later. */
  readonly detach: boolean
  ask<Q extends AnyQuestion>(
    topic: string,
    question: Q,
    signal: AbortSignal,
    run: string,
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

/** Longest time a timer of the platform counts, in milliseconds. */
const longestMs = 2 ** 31 - 1

const answerTypes: Record<AnyQuestion['type'], EventType> = {
  go: 'step-confirmed',
  confirm: 'word-confirmed',
  resolve: 'outcome-resolved',
  task: 'task-ticked',
  approval: 'approval-given',
  gate: 'gate-answered',
  field: 'field-answered',
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
    const no =
      type === 'approval'
        ? (peek<T>('approval-rejected', topic) ?? peek<T>('approval-expired', topic))
        : undefined
    return no ?? peek<T>(answerTypes[type], topic)
  }

  return {
    id: runOf(journal),
    cancelled,
    present: options.operator.present,
    resumedAt,
    now: options.now,
    peek,
    async record(type, key, make) {
      const known = peek<Awaited<ReturnType<typeof make>>>(type, key)
      return known ?? append(type, key, await make(), actor)
    },
    async wait<Q extends AnyQuestion>(topic: string, question: Q, limitMs?: number) {
      type Answer = AllAnswers[Q['type']]
      const known = answered<Answer>(topic, question.type)
      if (known) return known
      if (question.type === 'approval')
        for (const each of question.topics)
          if (!peek('approval-requested', each))
            append(
              'approval-requested',
              each,
              requestData(options.plan, each, question, journal.events),
              actor,
            )
      const found: Answer & { replaces?: Json } = await firstAnswer<Q>(topic, question, limitMs, options)
      const { replaces, ...answer } = found
      const by = found.by
      if (replaces !== undefined) append('approval-replaced', topic, { was: replaces }, by)
      return append<Answer>(eventOf(question, answer), topic, answer as Answer, by)
    },
    sleepUntil(at, topic) {
      if (topic !== undefined && options.operator.detach && at > options.now())
        throw new Suspended(topic, { type: 'moment', until: at })
      return sleepUntil(at, options)
    },
  }
}

/** Takes the first answer, from the inbox or from the operator, whichever speaks first. */
async function firstAnswer<Q extends AnyQuestion>(
  topic: string,
  question: Q,
  limitMs: number | undefined,
  options: EmbeddedOptions,
): Promise<AllAnswers[Q['type']] & { replaces?: Json }> {
  const done = new AbortController()
  const deadline = question.type === 'approval' ? question.deadline : undefined
  const left = Math.min(limitMs ?? Infinity, (deadline ?? Infinity) - options.now())
  const limit = Number.isFinite(left) ? [AbortSignal.timeout(Math.min(Math.max(left, 0), longestMs))] : []
  const stop = AbortSignal.any([done.signal, options.cancelled, ...limit])
  try {
    const here = takesPosted(question)
      ? await fromAnywhere(topic, question, stop, options)
      : await fromOperator(topic, question, stop, options)
    if (options.cancelled.aborted) throw new Cancelled('The run was stopped while it waited')
    if (here !== undefined) return here
    if (deadline !== undefined && options.now() >= deadline)
      return expired(deadline, options.actor) as AllAnswers[Q['type']]
    throw new Suspended(topic, question)
  } finally {
    done.abort()
  }
}

/** Which questions others than the operator may answer; the rest are asked of whoever is there. */
function takesPosted({ type }: AnyQuestion): boolean {
  return type === 'approval' || type === 'resolve'
}

async function fromAnywhere<Q extends AnyQuestion>(
  topic: string,
  question: Q,
  stop: AbortSignal,
  options: EmbeddedOptions,
): Promise<AllAnswers[Q['type']] | undefined> {
  const posted = readInbox<AllAnswers[Q['type']]>({
    folder: options.folder,
    topic,
    stop,
    judge: (answer, at) => refusal(question, topic, { answer, at }, options),
    onRefused: (answer, why) => recordRefusal(topic, answer, why, options),
  })
  return posted.now ?? Promise.race([posted.later, fromOperator(topic, question, stop, options)])
}

function fromOperator<Q extends AnyQuestion>(
  topic: string,
  question: Q,
  stop: AbortSignal,
  { operator, journal }: EmbeddedOptions,
): Promise<AllAnswers[Q['type']] | undefined> {
  return operator.ask(topic, question, stop, runOf(journal))
}

function runOf({ events }: Journal): string {
  return events[0]?.run ?? ''
}

/** Nobody decided in time: that is a no by the clock, and recorded as what it is. */
function expired(deadline: number, by: Actor): ApprovalAnswer {
  const reason = `nobody decided until ${new Date(deadline).toISOString()}`
  return { decision: 'expired', reason, by }
}

function eventOf(question: AnyQuestion, answer: JsonObject): EventType {
  if (question.type !== 'approval' || answer['decision'] === 'approved') return answerTypes[question.type]
  return answer['decision'] === 'expired' ? 'approval-expired' : 'approval-rejected'
}

/** What lies in the inbox was put there by somebody; the rules are asked again before it is believed. */
function refusal(
  question: AnyQuestion,
  topic: string,
  { answer, at }: { answer: JsonObject & { by?: Actor }; at: number },
  { plan, journal, check }: EmbeddedOptions,
): string | undefined {
  if (typeof answer.by?.id !== 'string') return 'it does not say who it is by'
  if (question.type === 'resolve')
    return isResolution(answer) ? undefined : 'it is not an answer to this question'
  const { by, replaces: _, ...rest } = answer
  const believing = { plan, events: journal.events, head: journal.head(), check, received: at }
  return disbelief({ ...rest, by }, topic, believing)
}

/** An answer that does not count is an event: whoever gave it, and who may decide now, can be read. */
function recordRefusal(
  topic: string,
  answer: JsonObject,
  why: string,
  { plan, journal, actor }: EmbeddedOptions,
): void {
  const by = answer['by'] as { id?: Json } | undefined
  const data = {
    decision: asText(answer['decision'] ?? answer['answer']),
    by: asText(by?.id),
    reason: asText(answer['reason']),
    why,
    may: mayStillDecide(plan, journal.events, topic),
  }
  journal.append('answer-refused', topic, data, actor)
}

function isResolution({ answer, reason }: Partial<ResolveAnswer>): boolean {
  return (
    typeof reason === 'string' && reason.trim() !== '' && (resolutions as readonly unknown[]).includes(answer)
  )
}
