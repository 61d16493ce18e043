import { failure, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'
import { quoteWhole } from '../quote.ts'
import { parseDuration } from './duration.ts'
import { compilePattern } from './pattern.ts'

export const inputTypes = [
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

/** A declared input, as its schema reads it from the frontmatter. */
export interface InputSpec {
  type: InputType
  description?: string | undefined
  /** Whether a value must be given; by default when there is none to fall back on. */
  required?: boolean | undefined
  default?: string | number | boolean | string[] | undefined
  options?: string[] | undefined
  /** A regular expression of the RE2 syntax that the whole value must match. */
  pattern?: string | undefined
  /** Smallest number, or shortest length of a text. */
  min?: number | undefined
  /** Largest number, or greatest length of a text. */
  max?: number | undefined
  aliases?: string[] | undefined
  fromLabel?: string | undefined
}

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
export function readInput(spec: InputSpec, raw: unknown): Outcome<InputValue> {
  const text = Array.isArray(raw) ? raw.join(',') : String(raw)
  if (text.includes('\0')) return failure('Unexpected NUL character, expected text')
  const expected = expectedOf(spec, text)
  if (expected === undefined) return success(text)
  const shown = spec.type === 'secret' ? 'value' : `value ${quoteWhole(text, 80)}`
  return failure(`Unexpected ${shown}, expected ${expected}`)
}

/**
 * Reads what was given for an input or a field. Where nothing was, its default stands; an optional one without a
 * default is the empty text, whatever its type. Undefined when a value is missing.
 */
export function readGiven(spec: InputSpec, raw: unknown): Outcome<InputValue> | undefined {
  const optional = !isRequired(spec) && spec.default === undefined
  if (optional && (raw === undefined || raw === '')) return success('')
  const given = raw ?? spec.default
  return given === undefined ? undefined : readInput(spec, given)
}

/** Undefined when the text is a value of this declaration, else what was expected. */
export function expectedOf(spec: InputSpec, text: string): string | undefined {
  return checks[spec.type](text, spec) ?? patternProblem(text, spec)
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
  const pattern = compilePattern(spec.pattern)
  return pattern.ok && pattern.value(text) ? undefined : `text matching \`${spec.pattern}\``
}

function list(options: readonly string[] | undefined): string {
  return (options ?? []).map((option) => `\`${option}\``).join(', ')
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
