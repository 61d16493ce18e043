import { failure, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'
import { quoteWhole } from '../quote.ts'
import { expectedOfType } from './input-types.ts'
import type { InputSpec } from './input-types.ts'
import { compilePattern } from './pattern.ts'

/** A value as it reaches scripts, templates and the journal: always text; several choices are joined by commas. */
export type InputValue = string

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
  return expectedOfType(spec, text) ?? patternProblem(text, spec)
}

export function isRequired(spec: InputSpec): boolean {
  return spec.required ?? spec.default === undefined
}

function patternProblem(text: string, spec: InputSpec): string | undefined {
  if (spec.pattern === undefined) return undefined
  const pattern = compilePattern(spec.pattern)
  return pattern.ok && pattern.value(text) ? undefined : `text matching \`${spec.pattern}\``
}
