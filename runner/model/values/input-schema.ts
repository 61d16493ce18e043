import * as z from 'zod'
import { inputTypes } from './input-types.ts'
import { readInput } from './read-input.ts'
import type { InputType } from './input-types.ts'
import { compilePattern } from './pattern.ts'

const literal = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

/** A declared input. In a script it is the environment variable of the same lower-case name. */
export const inputSchema = z
  .strictObject({
    type: z.enum(inputTypes).default('string').describe('The type of the value. Default: string (one line).'),
    description: z.string().optional().describe('One sentence for the person who fills it in.'),
    required: z
      .boolean()
      .optional()
      .describe('Whether a value must be given. Default: true unless there is a default.'),
    default: literal.optional().describe('The value when none is given. Never for secrets.'),
    options: z.array(z.string()).optional().describe('The allowed values of a choice or multichoice.'),
    pattern: z
      .string()
      .optional()
      .describe(
        'A regular expression the whole value must match, in the RE2 syntax: no lookaround, no backreferences, repetitions up to 1000.',
      ),
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
    for (const [index, option] of (input.options ?? []).entries()) {
      const problem = optionProblem(option, input.type, input.options?.slice(0, index) ?? [])
      if (problem !== undefined)
        context.addIssue({ code: 'custom', path: ['options', index], message: problem })
    }
    if (!measured.has(input.type))
      for (const bound of ['min', 'max'] as const)
        if (input[bound] !== undefined) complain(bound, `Only numbers and texts have \`${bound}\``)
    if (input.min !== undefined && input.max !== undefined && input.min > input.max)
      complain('max', `Unexpected maximum ${input.max}, expected at least the minimum ${input.min}`)
    if (input.type === 'secret' && input.default !== undefined) complain('default', 'A secret has no default')
    const pattern = input.pattern === undefined ? undefined : compilePattern(input.pattern)
    if (pattern?.ok === false) complain('pattern', pattern.problem.message)
    if (input.default !== undefined) {
      const read = readInput(input, input.default, compilePattern)
      if (!read.ok) complain('default', read.problem.message)
    }
  })

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'Unexpected name, expected lower-case letters, digits and `_`')

/** The inputs of a runbook by their names. A value given by a name or an alias must lead to one of them. */
export const inputsSchema = z.record(name, inputSchema).superRefine((inputs, context) => {
  const taken = new Set(Object.keys(inputs))
  for (const [own, { aliases = [] }] of Object.entries(inputs)) {
    for (const [index, alias] of aliases.entries()) {
      if (taken.has(alias))
        context.addIssue({
          code: 'custom',
          path: [own, 'aliases', index],
          message: `Unexpected alias \`${alias}\`, an input has that name already`,
        })
      taken.add(alias)
    }
  }
})

/** Types whose size is their number or their length. */
const measured: ReadonlySet<InputType> = new Set(['string', 'text', 'secret', 'path', 'int', 'number'])

function optionProblem(option: string, type: InputType, before: readonly string[]): string | undefined {
  if (option === '') return 'Unexpected empty option, expected a value to choose'
  if (before.includes(option)) return `Unexpected option \`${option}\`, expected each option once`
  if (type === 'multichoice' && option.includes(','))
    return `Unexpected comma in the option \`${option}\`: several choices are joined by commas`
  return undefined
}
