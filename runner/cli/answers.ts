import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import type { AllAnswers, AnyQuestion } from '../engine/durable.ts'
import { parseKey } from '../journal/event.ts'
import type { FieldAnswer } from '../kinds/kind.ts'
import { readInput } from '../model/inputs.ts'
import type { Actor } from '../model/plan.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'

const task = z.union([
  z.literal('done').transform(() => ({ answer: 'done' as const, note: '', evidence: '' })),
  z
    .strictObject({
      answer: z.enum(['done', 'not-applicable']),
      note: z.string().default(''),
      evidence: z.string().default(''),
    })
    .refine(
      ({ answer, note }) => answer === 'done' || note.trim() !== '',
      'What is not applicable needs a `note` that says why',
    ),
])

const schema = z.strictObject({
  actor: z.string().min(1).describe('Who answers; recorded with every answer.'),
  answers: z
    .record(
      z.string(),
      z.union([
        task,
        z.array(task),
        z.strictObject({ confirm: z.string() }),
        z.strictObject({ fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
      ]),
    )
    .describe(
      'By step: `done` or a list for its tasks, `confirm` with its word, or `fields` with their values.',
    ),
})

export type AnswersFile = z.output<typeof schema>

/** Reads a file of answers. It can answer tasks and confirmations, never an approval. */
export function readAnswers(path: string, io: Io): AnswersFile {
  let written: unknown
  try {
    written = parse(readFileSync(resolve(io.cwd, path), 'utf8'))
  } catch (error) {
    throw new CliError(
      exit.usage,
      `The answers file \`${path}\` cannot be read: ${(error as Error).message.split('\n')[0]}`,
      'It is a YAML file with `actor:` and `answers:`.',
    )
  }
  const read = schema.safeParse(written)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  throw new CliError(
    exit.usage,
    `The answers file \`${path}\` is not right: \`${issue?.path.join('.')}\`: ${issue?.message}`,
    'It has `actor:` and, by step, `answers:`.',
  )
}

/** The answer a file gives to a question, if it gives one. */
export function fromAnswers<Q extends AnyQuestion>(
  file: AnswersFile,
  topic: string,
  question: Q,
): AllAnswers[Q['type']] | undefined {
  const by: Actor = { id: file.actor, host: hostname(), via: 'answers' }
  const written = file.answers[topic.split(/[#/]/)[0] ?? '']
  if (written === undefined) return undefined
  type Answer = AllAnswers[Q['type']]
  if (question.type === 'field') return fieldAnswer(file, topic, question, by) as Answer | undefined
  if (question.type === 'task' && !('confirm' in written) && !('fields' in written)) {
    const one = Array.isArray(written) ? written[question.index - 1] : written
    return one && ({ answer: one.answer, note: one.note, evidence: one.evidence, by } as Answer)
  }
  if (question.type === 'confirm' && 'confirm' in written && written.confirm === question.word) {
    return { answer: 'confirmed', by } as Answer
  }
  return undefined
}

/** A value that does not fit its field ends the call: nobody else could mend the file. */
function fieldAnswer(
  file: AnswersFile,
  topic: string,
  { name, spec }: Extract<AnyQuestion, { type: 'field' }>,
  by: Actor,
): FieldAnswer | undefined {
  const written = file.answers[parseKey(topic).step]
  const raw = typeof written === 'object' && 'fields' in written ? written.fields[name] : undefined
  if (raw === undefined) return undefined
  const read = readInput(spec, raw)
  if ('value' in read) return { value: read.value, by }
  throw new CliError(exit.usage, `The answer for \`${name}\`: ${read.problem}`, 'Correct the answers file.')
}
