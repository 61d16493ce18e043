import type { ApprovalAnswer } from '../../kinds/kind.ts'
import { asText } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'
import { Cancelled, Suspended, resolutions } from '../loop/durable.ts'
import type { AllAnswers, AnyQuestion, ResolveAnswer } from '../loop/durable.ts'
import { longestTimerMs } from '../process/timer.ts'
import type { Run } from '../run.ts'
import { checkerOf } from '../sign/trust.ts'
import { disbelief, mayStillDecide } from './approval.ts'
import { readInbox } from './inbox.ts'

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
    const here = takesPosted(question)
      ? await fromAnywhere(run, topic, question, stop)
      : await fromOperator(run, topic, question, stop)
    if (run.cancel.soft.aborted) throw new Cancelled('The run was stopped while it waited')
    if (here !== undefined) return here
    if (deadline !== undefined && run.now() >= deadline) return expired(deadline, run.actor) as Answer<Q>
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
  run: Run,
  topic: string,
  question: Q,
  stop: AbortSignal,
): Promise<Answer<Q> | undefined> {
  const posted = readInbox<Answer<Q>>({
    folder: run.folder,
    topic,
    stop,
    judge: (answer, at) => refusal(run, topic, question, { answer, at }),
    onRefused: (answer, why) => recordRefusal(run, topic, answer, why),
  })
  return posted.now ?? Promise.race([posted.later, fromOperator(run, topic, question, stop)])
}

function fromOperator<Q extends AnyQuestion>(
  { operator, id }: Run,
  topic: string,
  question: Q,
  stop: AbortSignal,
): Promise<Answer<Q> | undefined> {
  return operator.ask(topic, question, stop, id)
}

/** The request expired: that is a rejection by the clock, and recorded as one. */
function expired(deadline: number, by: Actor): ApprovalAnswer {
  const reason = `nobody decided until ${new Date(deadline).toISOString()}`
  return { decision: 'expired', reason, by }
}

/** The inbox is untrusted; the rules are checked again before an answer is accepted. */
function refusal(
  { plan, journal, trust, env }: Run,
  topic: string,
  question: AnyQuestion,
  { answer, at }: { answer: JsonObject & { by?: Actor }; at: number },
): string | undefined {
  if (typeof answer.by?.id !== 'string') return 'it does not say who it is by'
  if (question.type === 'resolve')
    return isResolution(answer) ? undefined : 'it is not an answer to this question'
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

function isResolution({ answer, reason }: Partial<ResolveAnswer>): boolean {
  return (
    typeof reason === 'string' && reason.trim() !== '' && (resolutions as readonly unknown[]).includes(answer)
  )
}
