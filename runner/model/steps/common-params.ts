import * as z from 'zod'
import { parseDuration } from '../values/duration.ts'
import { formProblem, requirementForm } from '../requirement.ts'
import { once } from '../once.ts'

/** A duration attribute: text such as `5m` in the document, milliseconds after reading. */
export const duration = once(() =>
  z.string().transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== undefined) return ms
    context.addIssue({
      code: 'custom',
      message: `Unexpected duration \`${text}\`, expected a form such as \`90s\` or \`1h30m\``,
    })
    return z.NEVER
  }),
)

/** A duration that cannot be nothing: no time at all to do a thing in was not meant. */
export const positiveDuration = once(() =>
  duration().refine((ms) => ms > 0, 'Unexpected duration of nothing, expected one such as `90s`'),
)

/** Several words in one attribute, separated by commas or spaces. */
export const words = once(() => z.string().transform(wordsOf))

/** The words of an attribute. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

/** The attributes every step has, whatever its kind. Made when needed: a schema takes longer to make than to use. */
export const commonParams = once(() =>
  z.object({
    id: z.string().describe('The anchor: stable and unique in the document.'),
    title: z.string().min(1).describe('The action of the step, in a few words.'),
    when: z
      .string()
      .optional()
      .describe('A CEL expression over inputs, outputs and run, which are text; false skips the step.'),
    timeout: positiveDuration()
      .default(3_600_000)
      .describe(
        'Longest time one attempt of a script may take, by default 1h; and how long a question waits for its answer, by default as long as it takes.',
      ),
    retries: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('Further attempts after a failed one, 0 to 100. Default: 0.'),
    retryDelay: duration()
      .default(1000)
      .describe('Pause before the first retry; doubles each time up to 1h, with jitter. Default: 1s.'),
    onFailure: z
      .enum(['stop', 'continue', 'rollback'])
      .default('stop')
      .describe('Action after a failure. Default: stop.'),
    budget: positiveDuration()
      .optional()
      .describe('Expected maximum time of the step; exceeding it is recorded as late.'),
    onLate: z
      .enum(['show', 'fail'])
      .default('show')
      .describe('Action when the budget is exceeded: `show` it, or `fail` the step. Default: show.'),
    confirm: z
      .string()
      .trim()
      .refine((word) => word !== '', 'Unexpected empty word, expected one to type')
      .optional()
      .describe('A word that the operator must type before the step starts.'),
    idempotent: z
      .boolean()
      .default(false)
      .describe('Whether it is safe to run the step again after an unknown outcome. Default: false.'),
    agents: z
      .literal('write')
      .optional()
      .describe(
        '`write`: an agent may run this step, although it changes something, where its server allows that too. Default: a person lets it run.',
      ),
    requires: words().optional().describe('Programs the step needs, separated by commas.'),
    refs: words()
      .superRefine((ids, context) => {
        const wrong = ids.find((id) => !requirementForm.test(id))
        if (wrong !== undefined) context.addIssue({ code: 'custom', message: formProblem(wrong) })
      })
      .optional()
      .describe('Requirements that the step fulfils, separated by commas.'),
    was: words().optional().describe('Earlier ids of this step; their addresses keep working.'),
  }),
)

export type CommonParams = z.infer<ReturnType<typeof commonParams>>
