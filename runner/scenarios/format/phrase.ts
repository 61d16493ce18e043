import * as z from 'zod'
import { parseDuration } from '../../model/values/duration.ts'

/** The answer of a person: `approved by bob@example.com after 2h: read the figures`. */
export interface Phrase<V extends string = string> {
  /** The answer, or `nobody` when the question stays open. */
  verb: V | 'nobody'
  /** Undefined: the runner. */
  by: string | undefined
  /** How long after the question, in milliseconds. */
  afterMs: number
  why: string
}

const form = /^([a-z-]+)(?: by (\S+?))?(?: after (\d\w*))?(?:: *(.+))?$/s

/** A phrase whose first word is one of these, or `nobody`. */
export function phrase<const V extends string>(...verbs: V[]): z.ZodType<Phrase<V>, string> {
  return z.string().transform((text, context) => {
    const [, verb = '', by, after, why = ''] = form.exec(text.trim()) ?? []
    const afterMs = after === undefined ? 0 : parseDuration(after)
    const answer = [...verbs, 'nobody' as const].find((one) => one === verb)
    if (answer !== undefined && afterMs !== undefined) return { verb: answer, by, afterMs, why }
    context.addIssue({
      code: 'custom',
      message: `Unexpected answer \`${text}\`, expected \`${verbs.join('`, `')}\` or \`nobody\`, and perhaps \`by …\`, \`after 2h\` and \`: reason\``,
    })
    return z.NEVER
  })
}
