import { failure, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'
import { quoteWhole } from '../quote.ts'
import { expectedOfType } from './input-types.ts'
import type { InputSpec } from './input-types.ts'
import type { Pattern } from './pattern.ts'

/** A value as it reaches scripts, templates and the journal: always text; several choices are joined by commas. */
export type InputValue = string

/** Compiles the pattern of a declaration: `compilePattern`, or what `compilerFor` returns. */
export type Compile = (source: string) => Outcome<Pattern>

/**
 * Loads the engine of patterns where one of the declarations has a pattern. Few have one, and it takes as long to load
 * as many a step takes to run.
 */
export async function compilerFor(specs: readonly InputSpec[]): Promise<Compile> {
  if (specs.some(({ pattern }) => pattern !== undefined))
    return (await import('./late-pattern.ts')).compilePattern
  return (source) => {
    throw new TypeError(`No declaration has the pattern \`${source}\``)
  }
}

/**
 * Reads a raw value against its declaration. Values are untrusted text (they may come from an alert's link) and
 * are only ever compared, never interpreted.
 */
export function readInput(spec: InputSpec, raw: unknown, compile: Compile): Outcome<InputValue> {
  const text = Array.isArray(raw) ? raw.join(',') : String(raw)
  if (text.includes('\0')) return failure('Unexpected NUL character, expected text')
  const expected = expectedOf(spec, text, compile)
  if (expected === undefined) return success(text)
  const shown = spec.type === 'secret' ? 'value' : `value ${quoteWhole(text, 80)}`
  return failure(`Unexpected ${shown}, expected ${expected}`)
}

/**
 * Reads what was given for an input or a field. Where nothing was, its default stands; an optional one without a
 * default is the empty text, whatever its type. Undefined when a value is missing.
 */
export function readGiven(spec: InputSpec, raw: unknown, compile: Compile): Outcome<InputValue> | undefined {
  const optional = !isRequired(spec) && spec.default === undefined
  if (optional && (raw === undefined || raw === '')) return success('')
  const given = raw ?? spec.default
  return given === undefined ? undefined : readInput(spec, given, compile)
}

/** Undefined when the text is a value of this declaration, else what was expected. */
export function expectedOf(spec: InputSpec, text: string, compile: Compile): string | undefined {
  return expectedOfType(spec, text) ?? patternProblem(spec, text, compile)
}

export function isRequired(spec: InputSpec): boolean {
  return spec.required ?? spec.default === undefined
}

function patternProblem(spec: InputSpec, text: string, compile: Compile): string | undefined {
  if (spec.pattern === undefined) return undefined
  const pattern = compile(spec.pattern)
  return pattern.ok && pattern.value(text) ? undefined : `text matching \`${spec.pattern}\``
}
