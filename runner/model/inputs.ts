import * as z from 'zod'
import { parseDuration } from './duration.ts'

const literal = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

const inputTypes = [
  'string',
  'text',
  'int',
  'number',
  'boolean',
  'choice',
  'multichoice',
  'semver',
  'url',
  'duration',
  'date',
  'email',
  'secret',
  'path',
] as const

export type InputType = (typeof inputTypes)[number]

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

export type InputSpec = z.infer<typeof inputSchema>

/** A value as it reaches scripts, templates and the journal: always text; several choices are joined by commas. */
export type InputValue = string

const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/

type Check = (text: string, spec: InputSpec) => string | undefined

const number =
  (pattern: RegExp, what: string): Check =>
  (text, spec) => {
    if (!pattern.test(text)) return what
    const value = Number(text)
    if (spec.min !== undefined && value < spec.min) return `a number of at least ${spec.min}`
    if (spec.max !== undefined && value > spec.max) return `a number of at most ${spec.max}`
    return undefined
  }

const matching =
  (test: (text: string) => boolean, what: string): Check =>
  (text) =>
    test(text) ? undefined : what

/** For each type: undefined when the text is a value of it, else what was expected. */
const checks: Record<InputType, Check> = {
  string: (text, spec) => (/[\r\n]/.test(text) ? 'one line of text' : length(text, spec)),
  text: length,
  secret: length,
  path: (text, spec) => (/[\r\n\0]/.test(text) || text === '' ? 'a path' : length(text, spec)),
  int: number(/^[+-]?\d{1,15}$/, 'a whole number'),
  number: number(/^[+-]?\d{1,15}(\.\d+)?$/, 'a number'),
  boolean: matching((text) => text === 'true' || text === 'false', '`true` or `false`'),
  choice: (text, spec) => (spec.options?.includes(text) ? undefined : `one of ${list(spec.options)}`),
  multichoice: (text, spec) =>
    text.split(',').every((part) => spec.options?.includes(part))
      ? undefined
      : `some of ${list(spec.options)}`,
  semver: matching((text) => semver.test(text), 'a version such as 1.4.0, without a leading v'),
  url: matching((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'an http or https address'),
  duration: matching((text) => parseDuration(text) !== undefined, 'a duration such as 90s or 1h30m'),
  date: matching(isDate, 'a date such as 2026-11-01'),
  email: matching((text) => email.test(text), 'an e-mail address'),
}

/**
 * Reads a raw value against its declaration. Values are untrusted text (they may come from an alert's link) and
 * are only ever compared, never interpreted.
 */
export function readInput(spec: InputSpec, raw: unknown): { value: InputValue } | { problem: string } {
  const text = Array.isArray(raw) ? raw.join(',') : String(raw)
  if (text.includes('\0')) return { problem: 'Unexpected NUL character, expected text' }
  const expected = checks[spec.type](text, spec) ?? patternProblem(text, spec)
  if (expected === undefined) return { value: text }
  const shown =
    spec.type === 'secret' ? 'value' : `value \`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``
  return { problem: `Unexpected ${shown}, expected ${expected}` }
}

export function isRequired(spec: InputSpec): boolean {
  return spec.required ?? spec.default === undefined
}

function length(text: string, spec: InputSpec): string | undefined {
  if (spec.min !== undefined && text.length < spec.min) return `at least ${spec.min} characters`
  if (spec.max !== undefined && text.length > spec.max) return `at most ${spec.max} characters`
  return undefined
}

function patternProblem(text: string, spec: InputSpec): string | undefined {
  if (spec.pattern === undefined) return undefined
  return new RegExp(`^(?:${spec.pattern})$`, 'u').test(text) ? undefined : `text matching \`${spec.pattern}\``
}

function list(options: readonly string[] | undefined): string {
  return (options ?? []).map((option) => `\`${option}\``).join(', ')
}

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
