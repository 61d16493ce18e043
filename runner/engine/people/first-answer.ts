import { setImmediate } from 'node:timers/promises'
import { parseKey } from '../../journal/record/event.ts'
import { wantedPresence } from '../../journal/verify/rules/presence.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { samePerson } from '../../model/people/person.ts'
import type { Presence } from '../../model/people/presence-level.ts'
import { compilerOf, readForm } from '../../model/people/question-form.ts'
import type { Compile } from '../../model/values/read-input.ts'
import type { ApprovalAnswer } from '../../kinds/kind.ts'
import { asText } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'
import { Cancelled, Suspended } from '../loop/durable.ts'
import type { AllAnswers, AnyQuestion } from '../loop/durable.ts'
import { longestTimerMs } from '../process/timer.ts'
import { redactText, redactValue } from '../process/redact/redact.ts'
import type { Run } from '../run.ts'
import { checkerOf } from '../sign/trust.ts'
import { answerTypes, attest, doubtOf, isSigned } from './attest.ts'
import { disbelief, mayStillDecide } from './approval.ts'
import { askedText, forgetAsked, noteAsked } from './asked.ts'
import { formOf } from './question-form.ts'
import { readInbox } from './inbox.ts'
import { shownText } from './approval-text.ts'

type Answer<Q extends AnyQuestion> = AllAnswers[Q['type']]

/**
 * Takes the first answer, from the inbox or from the operator, whichever speaks first. Throws Suspended when nobody
 * answers within the limit, and Cancelled when the run is stopped meanwhile.
 */
export async function firstAnswer<Q extends AnyQuestion>(
  run: Run,
  topic: string,
  question: Q,
  limitMs: number | undefined,
): Promise<Answer<Q> & { replaces?: Json }> {
  const done = new AbortController()
  const deadline = question.type === 'approval' ? question.deadline : undefined
  const left = Math.min(limitMs ?? Infinity, (deadline ?? Infinity) - run.now())
  const limit = Number.isFinite(left)
    ? [AbortSignal.timeout(Math.min(Math.max(left, 0), longestTimerMs))]
    : []
  const stop = AbortSignal.any([done.signal, run.cancel.soft, ...limit])
  try {
    const here = await fromAnybody(run, topic, question, stop)
    if (run.cancel.soft.aborted) throw new Cancelled('The run was stopped while it waited')
    if (here !== undefined) return signed(run, topic, question, here)
    if (deadline !== undefined && run.now() >= deadline) return expired(deadline, run.actor) as Answer<Q>
    throw new Suspended(topic, question)
  } finally {
    done.abort()
  }
}

/** From the operator, where they have an answer at once; else from the inbox or the operator, whichever comes first. */
async function fromAnybody<Q extends AnyQuestion>(
  run: Run,
  topic: string,
  question: Q,
  stop: AbortSignal,
): Promise<Answer<Q> | undefined> {
  const operator = question.type === 'approval' ? undefined : run.operator.ask(topic, question, stop, run.id)
  // Left alone once another answer has come.
  operator?.catch(() => undefined)
  const soon = await Promise.race([operator, setImmediate(undefined)])
  if (soon !== undefined) return soon
  note(run, topic, question)
  const compile = await compilerOf(formOf(question))
  const posted = readInbox<Answer<Q>>({
    folder: run.folder,
    topic,
    stop,
    judge: (answer, at) => refusal(run, topic, question, { answer, at, compile }),
    onRefused: (answer, why) => recordRefusal(run, topic, answer, why),
  })
  const answer =
    posted.now ??
    (await Promise.race([posted.later, operator ?? run.operator.ask(topic, question, stop, run.id)]))
  if (answer !== undefined) forgetAsked(run.folder)
  if (answer === undefined || !('received' in answer) || question.type === 'approval') return answer
  return asAnswered(run, topic, question, answer, compile)
}

/** Writes down what is asked, for those who answer from elsewhere. */
function note(run: Run, topic: string, question: AnyQuestion): void {
  const { folder, journal } = run
  const size = journal.events.length
  noteAsked(folder, {
    topic,
    question: redactValue(question, run.hidden),
    shown: shownOf(run, topic, question),
    size,
  })
}

function shownOf(run: Run, topic: string, question: AnyQuestion): string {
  const { plan, journal } = run
  if (question.type === 'approval') return shownText(plan, topic, question, journal.events)
  const { title, about } = formOf(question)
  return redactText(askedText(plan, parseKey(topic).step, [title, ...about]), run.hidden)
}

/** The part of an answer from elsewhere that is recorded: what the form asks for, who gave it, and what was shown. */
function asAnswered<Q extends AnyQuestion>(
  run: Run,
  topic: string,
  question: Q,
  { by, shownSha256, payload, sig, ...given }: JsonObject & { by: Actor },
  compile: Compile,
): Answer<Q> {
  const read = readForm(formOf(question), given, compile)
  const shown = shownSha256 === undefined ? {} : { shown: shownOf(run, topic, question) }
  const signature = wantedOf(run, topic, question) !== 'none' && isSigned(question) ? { payload, sig } : {}
  return { ...(read.ok ? read.value : given), by, ...shown, ...signature } as unknown as Answer<Q>
}

/** The presence that an answer of the operator needs. */
function wantedOf({ plan, journal }: Run, topic: string, { type }: AnyQuestion): Presence {
  if (type === 'resolve') return 'none'
  return wantedPresence(plan as unknown as Json, journal.events, parseKey(topic).step)
}

/** An answer with the signature of the operator, where the plan asks for one. */
function signed<Q extends AnyQuestion>(
  run: Run,
  topic: string,
  question: Q,
  answer: Answer<Q>,
): Answer<Q> & { replaces?: Json } {
  const act = { type: answerTypes[question.type], key: topic, data: answer as JsonObject }
  return attest(run, question, act, answer.by) as unknown as Answer<Q>
}

/** The request expired: that is a rejection by the clock, and recorded as one. */
function expired(deadline: number, by: Actor): ApprovalAnswer {
  const reason = `nobody decided until ${new Date(deadline).toISOString()}`
  return { decision: 'expired', reason, by }
}

/** The inbox is untrusted; the rules are checked again before an answer is accepted. */
function refusal(
  run: Run,
  topic: string,
  question: AnyQuestion,
  { answer, at, compile }: { answer: JsonObject & { by?: Actor }; at: number; compile: Compile },
): string | undefined {
  if (typeof answer.by?.id !== 'string') return 'it does not say who it is by'
  if (question.type !== 'approval')
    return answerProblem(run, topic, question, { ...answer, by: answer.by }, compile)
  const { plan, journal, trust, env } = run
  const { by, replaces: _, ...rest } = answer
  const check = checkerOf(trust, env)
  const believing = { plan, events: journal.events, head: journal.head(), check, received: at }
  return disbelief({ ...rest, by }, topic, believing)
}

/** An answer that does not count is an event: whoever gave it, and who may decide now, can be read. */
function recordRefusal({ plan, journal, actor }: Run, topic: string, answer: JsonObject, why: string): void {
  const by = answer['by'] as { id?: Json } | undefined
  const data = {
    decision: asText(answer['decision'] ?? answer['answer'] ?? ''),
    by: asText(by?.id ?? ''),
    reason: asText(answer['reason'] ?? ''),
    why,
    may: mayStillDecide(plan, journal.events, topic),
  }
  journal.append('answer-refused', topic, data, actor)
}

/**
 * Why an answer to anything but an approval does not count. The outcome of a step may be known to anybody; everything
 * else is for whoever has the watch, as it is at their terminal.
 */
function answerProblem(
  run: Run,
  topic: string,
  question: AnyQuestion,
  answer: JsonObject & { by: Actor },
  compile: Compile,
): string | undefined {
  const { plan, actor, journal } = run
  const { by, shownSha256 } = answer
  if (question.type !== 'resolve' && !samePerson(by.id, actor.id, plan.aliases))
    return `${actor.id} has the watch, and ${by.id} answers for them`
  if (shownSha256 !== undefined && shownSha256 !== sha256(shownOf(run, topic, question)))
    return 'something else was shown than what is asked'
  const presence = wantedOf(run, topic, question)
  if (presence !== 'none' && isSigned(question)) {
    if (typeof answer['sig'] !== 'string')
      return `the step asks for presence \`${presence}\`, and the answer is not signed by a security key`
    const data = asAnswered(run, topic, question, answer, compile)
    const act = { type: answerTypes[question.type], key: topic, data }
    const stated = { act, events: journal.events, head: journal.head() }
    const doubt = doubtOf(stated, by, plan, run.trust, run.env)
    if (doubt !== undefined) return doubt
  }
  const read = readForm(formOf(question), answer, compile)
  return read.ok ? undefined : `it is not an answer to this question: ${read.problem.message}`
}
