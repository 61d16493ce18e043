import type { LoadedKinds } from '../../kinds/index.ts'
import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import type { Operator } from '../../engine/run.ts'
import { parseKey } from '../../journal/record/event.ts'
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
  /** Leave the run at a long wait. */
  detach: boolean
  answers: AnswersFile | undefined
  /** Stops the run: a question left without an answer stops it like Ctrl-C. */
  stop: () => void
  /** Told before a person is asked about a step. */
  onAsk: (step: string) => void
}

/**
 * Answers the questions of a run: `--yes` lets writing steps go, an answers file answers tasks and confirmations,
 * and a person at a terminal the rest. No other source does.
 */
export function makeOperator(options: OperatorOptions): Operator {
  const { io, actor, yes, answers } = options
  return {
    present: io.interactive,
    detach: options.detach,
    async ask<Q extends AnyQuestion>(
      topic: string,
      question: Q,
      signal: AbortSignal,
      run: string,
    ): Promise<AllAnswers[Q['type']] | undefined> {
      if (question.type === 'go' && yes)
        return { answer: 'run', reason: '', by: { ...actor, via: 'flag' } } as AllAnswers[Q['type']]
      const written = answers && fromAnswers(answers, topic, question)
      if (written) return written
      if (!io.interactive) return undefined
      const { askPerson } = await import('./ask.ts')
      const { step } = parseKey(topic)
      options.onAsk(step)
      return askPerson(question, { ...options, signal, run, step })
    },
  }
}
