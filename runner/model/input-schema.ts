import * as z from 'zod'
import { inputTypes, readInput } from './inputs.ts'

const literal = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

/** A declared input. In a script it is the environment variable of the same lower-case name. */
export const inputSchema = z
  .strictObject({
    type: z
      .enum(inputTypes)
      .default('string')
      .describe('What values are allowed. Default: string (one line).'),
    description: z.string().optional().describe('One sentence for the person who fills it in.'),
    required: z
      .boolean()
      .optional()
      .describe('Whether a value must be given. Default: true unless there is a default.'),
    default: literal.optional().describe('The value when none is given. Never for secrets.'),
    options: z.array(z.string()).optional().describe('The allowed values of a choice or multichoice.'),
    pattern: z.string().optional().describe('A regular expression the whole value must match.'),
    min: z.number().optional().describe('Smallest number, or shortest length of a text.'),
    max: z.number().optional().describe('Largest number, or greatest length of a text.'),
    aliases: z.array(z.string()).optional().describe('Other names accepted in links, such as CLUSTER.'),
    fromLabel: z.string().optional().describe('The alert label that fills this input.'),
  })
  .superRefine((input, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message })
    const choice = input.type === 'choice' || input.type === 'multichoice'
    if (choice && !input.options?.length)
      complain('options', `An input of type ${input.type} needs \`options\``)
    if (!choice && input.options) complain('options', `Only choice and multichoice inputs have \`options\``)
    if (input.type === 'secret' && input.default !== undefined) complain('default', 'A secret has no default')
    if (input.pattern !== undefined && !isRegExp(input.pattern)) {
      complain('pattern', `Unexpected pattern \`${input.pattern}\`, expected a regular expression`)
    }
    if (input.default !== undefined) {
      const read = readInput(input, input.default)
      if ('problem' in read) complain('default', read.problem)
    }
  })

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}
