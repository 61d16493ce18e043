import { parseDuration } from './duration.ts'

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

/** Undefined when the text is a value of the type, within its bounds; else what was expected. */
export function expectedOfType(spec: InputSpec, text: string): string | undefined {
  return checks[spec.type](text, spec)
}

function length(text: string, spec: InputSpec): string | undefined {
  if (spec.min !== undefined && text.length < spec.min) return `at least ${spec.min} characters`
  if (spec.max !== undefined && text.length > spec.max) return `at most ${spec.max} characters`
  return undefined
}

function list(options: readonly string[] | undefined): string {
  return (options ?? []).map((option) => `\`${option}\``).join(', ')
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
