import type { LoadedKinds } from '../../kinds/index.ts'
import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import type { Operator } from '../../engine/run.ts'
import { parseKey } from '../../journal/record/event.ts'
import { agentMayWrite } from '../../model/people/agents.ts'
import { stepPresence } from '../../model/people/presence-level.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import { fromAnswers } from './answers.ts'
import type { AnswersFile } from './answers.ts'
import type { Io } from '../../kit/io.ts'

export interface OperatorOptions {
  io: Io
  actor: Actor
  plan: Plan
  /** Those of the plan. */
  kinds: LoadedKinds
  yes: boolean
  /** Whether an agent drives and may let those writing steps run that the plan leaves to agents. */
  agentWrites: boolean
  /** A drill, which is asked for no presence. */
  practice: boolean
  /** Leave the run at a long wait. */
  detach: boolean
  /** Questions wait for an answer from elsewhere. */
  remote: boolean
  answers: AnswersFile | undefined
  /** Stops the run: a question left without an answer stops it like Ctrl-C. */
  stop: () => void
  /** Told before a person is asked about a step. */
  onAsk: (step: string) => void
}

/**
 * Answers the questions of a run: `--yes` lets writing steps go, an answers file answers tasks and confirmations,
 * and a person at a terminal the rest. No other source does. Where the plan requires presence, only the person does.
 */
export function makeOperator(options: OperatorOptions): Operator {
  const { io, actor, plan, practice } = options
  const yes = (question: AnyQuestion): JsonObject | undefined => {
    if (question.type !== 'go') return undefined
    if (options.yes) return { answer: 'run', reason: '', by: { ...actor, via: 'flag' } }
    // Two keys: the runbook's, which is in the plan, and that of whoever started the server of the agent.
    const isAllowed = options.agentWrites && agentMayWrite(plan, question.step)
    return isAllowed ? { answer: 'run', reason: '', by: actor } : undefined
  }
  return {
    present: io.interactive || options.remote,
    detach: options.detach,
    async ask<Q extends AnyQuestion>(
      topic: string,
      question: Q,
      signal: AbortSignal,
      run: string,
    ): Promise<AllAnswers[Q['type']] | undefined> {
      const { step } = parseKey(topic)
      const presence = practice ? 'none' : stepPresence(plan, step)
      const answer =
        yes(question) ?? (options.answers && (await fromAnswers(options.answers, topic, question, actor)))
      if (answer && presence === 'none') return answer as AllAnswers[Q['type']]
      if (answer)
        io.say(
          `Step \`${step}\` asks for presence \`${presence}\`, so no flag and no file of answers answers it.`,
        )
      // The inbox has the answer, or the run is stopped.
      if (options.remote) return new Promise(() => {})
      if (!io.interactive) return undefined
      const { askPerson } = await import('./ask.ts')
      options.onAsk(step)
      return askPerson(question, { ...options, signal, run, step })
    },
  }
}
