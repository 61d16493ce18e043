import type { AllAnswers, AnyQuestion } from '../../engine/loop/durable.ts'
import { parseKey } from '../../journal/record/event.ts'
import type { FieldAnswer } from '../../kinds/kind.ts'
import { compilerFor, readGiven } from '../../model/values/read-input.ts'
import type { Actor } from '../../model/plan.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

interface TaskDone {
  answer: 'done' | 'not-applicable'
  note: string
  evidence: string
}

/** A file of answers: the person it answers for, and the answers by step. */
export interface AnswersFile {
  actor: string
  answers: Record<string, TaskDone | TaskDone[] | { confirm: string } | { fields: Record<string, string> }>
}

/** The answer a file gives to a question, if it gives one: by whoever runs, for the person the file names. */
export async function fromAnswers<Q extends AnyQuestion>(
  file: AnswersFile,
  topic: string,
  question: Q,
  actor: Actor,
): Promise<AllAnswers[Q['type']] | undefined> {
  const answer = await answerIn(file, topic, question, { ...actor, via: 'answers' })
  return answer && { ...answer, attributedTo: file.actor }
}

async function answerIn<Q extends AnyQuestion>(
  file: AnswersFile,
  topic: string,
  question: Q,
  by: Actor,
): Promise<AllAnswers[Q['type']] | undefined> {
  const entry = own(file.answers, topic.split(/[#/]/)[0] ?? '')
  if (entry === undefined) return undefined
  type Answer = AllAnswers[Q['type']]
  if (question.type === 'field') return (await fieldAnswer(file, topic, question, by)) as Answer | undefined
  if (question.type === 'task' && !('confirm' in entry) && !('fields' in entry)) {
    const one = Array.isArray(entry) ? entry[question.index - 1] : entry
    return one && ({ answer: one.answer, note: one.note, evidence: one.evidence, by } as Answer)
  }
  if (question.type === 'confirm' && 'confirm' in entry && entry.confirm === question.word) {
    return { answer: 'confirmed', by } as Answer
  }
  return undefined
}

/** Only own members count: a step may be called `constructor`, which every object has. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** A value that does not fit its field ends the call: only its author can fix the file. */
async function fieldAnswer(
  file: AnswersFile,
  topic: string,
  { name, spec }: Extract<AnyQuestion, { type: 'field' }>,
  by: Actor,
): Promise<FieldAnswer | undefined> {
  const entry = own(file.answers, parseKey(topic).step)
  if (typeof entry !== 'object' || !('fields' in entry)) return undefined
  const read = readGiven(spec, own(entry.fields, name), await compilerFor([spec]))
  if (read === undefined) return undefined
  if (read.ok) return { value: read.value, by }
  throw new CliError(
    exit.usage,
    `The answer for \`${name}\`: ${read.problem.message}`,
    'Correct the answers file.',
  )
}
