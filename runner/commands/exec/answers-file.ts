import * as z from 'zod'
import { parseTexts } from '../../model/values/yaml-text.ts'
import type { AnswersFile } from './answers.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { namedFile } from '../../kit/named-file.ts'
import { firstIssue } from '../../model/first-issue.ts'

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
      'A task that is not applicable needs a `note` with the reason',
    ),
])

const schema = z.strictObject({
  actor: z
    .string()
    .min(1)
    .describe(
      'For whom the file answers; recorded with every answer as its word. The operator gives the answer.',
    ),
  answers: z
    .record(
      z.string(),
      z.union([
        task,
        z.array(task),
        z.strictObject({ confirm: z.string() }),
        z.strictObject({ fields: z.record(z.string(), z.string()) }),
      ]),
    )
    .describe(
      'By step: `done` or a list for its tasks, `confirm` with its word, or `fields` with their values.',
    ),
})

const form = 'It is a YAML file with `actor:` and `answers:`.'

/** Reads a file of answers. It can answer tasks and confirmations, never an approval. */
export function readAnswers(path: string, io: Io): AnswersFile {
  const text = namedFile(path, io, form)
  let parsed: unknown
  try {
    parsed = parseTexts(text)
  } catch (error) {
    throw new CliError(
      exit.usage,
      `The answers file \`${path}\` cannot be read: ${(error as Error).message.split('\n')[0]}`,
      form,
    )
  }
  const read = schema.safeParse(parsed)
  if (read.success) return read.data
  throw new CliError(
    exit.usage,
    `The answers file \`${path}\` cannot be used: ${firstIssue(read.error)}`,
    'It has `actor:` and, by step, `answers:`.',
  )
}
