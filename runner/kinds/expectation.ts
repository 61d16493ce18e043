import * as z from 'zod'
import { celProblem, evaluateCel, expressionProblem } from '../model/values/cel.ts'
import type { CelTypes } from '../model/values/cel.ts'
import { exactJson, parseExactJson } from '../model/values/json.ts'
import type { Json, JsonObject } from '../model/values/json.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'

/** A CEL expression over names of these types: one that cannot make what is wanted is refused before the run. */
export function expression(types: CelTypes, wanted: 'bool' | 'map'): z.ZodString {
  return z.string().superRefine((text, context) => {
    const problem = expressionProblem(text, types, wanted)
    if (problem !== undefined)
      context.addIssue({
        code: 'custom',
        message: `Unexpected expression \`${text}\`: ${problem}`,
        params: { code: 'invalid-expression' },
      })
  })
}

/** Whether an expression is true of these values; a problem when it has no value. */
export function holds(text: string, values: JsonObject): Outcome<boolean> {
  try {
    return success(evaluateCel(text, values) === true)
  } catch (error) {
    return failure(`\`${text}\` has no value: ${firstLine(error)}`)
  }
}

/**
 * The values behind an expectation that is false, in words that continue its sentence: `: \`json.version\` is "1.2.0"`.
 * Empty where its comparisons do not say. `excerpt` makes a value fit to be kept.
 */
export function unmet(text: string, values: JsonObject, excerpt: (value: string) => string): string {
  const parts = text.split('&&').map((part) => part.trim())
  const readable = parts.every((part) => celProblem(part) === undefined) ? parts : [text]
  const shown = new Set<string>()
  for (const part of readable) {
    if (valueOf(part, values) === true) continue
    const sides = /^(.+?)\s*(?:==|!=|<=|>=|<|>|\bin\b)\s*(.+)$/s.exec(part)?.slice(1) ?? []
    for (const side of sides.map((one) => one.trim())) {
      if (!/[a-z]/.test(side.replaceAll(/'[^']*'|"[^"]*"/g, '')) || celProblem(side) !== undefined) continue
      const value = valueOf(side, values)
      if (value !== undefined && typeof value !== 'boolean')
        shown.add(`\`${side}\` is ${excerpt(exactJson(value))}`)
    }
  }
  return shown.size === 0 ? '' : `: ${[...shown].join(', ')}`
}

function valueOf(text: string, values: JsonObject): unknown {
  try {
    return evaluateCel(text, values)
  } catch {
    return undefined
  }
}

/** The members of the map an expression makes, as text; a problem when it has no value. */
export function mapOf(text: string, values: JsonObject): Outcome<Record<string, string>> {
  try {
    const made: unknown = evaluateCel(text, values)
    const members = made instanceof Map ? [...made] : Object.entries(made as JsonObject)
    return success(Object.fromEntries(members.map(([name, value]) => [String(name), textOf(value)])))
  } catch (error) {
    return failure(`\`${text}\` has no value: ${firstLine(error)}`)
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : exactJson(value)
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? ''
}

/** The value of a JSON text, with whole numbers of any length; null when it is none. */
export function parseJson(text: string): Json {
  return (parseExactJson(text) ?? null) as Json
}
