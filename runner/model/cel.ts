import { Environment } from '@marcbachmann/cel-js'
import type { Json, JsonObject } from './json.ts'

const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })

/** Undefined when the text is a CEL expression, else what is wrong with it. Source of the language: cel.dev. */
export function celProblem(expression: string): string | undefined {
  try {
    environment.parse(expression)
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}

/** The value of a CEL expression over plain data. Throws an Error with one sentence when it has none. */
export function evaluateCel(expression: string, values: JsonObject): Json {
  const value: unknown = environment.parse(expression)(values)
  return typeof value === 'bigint' ? Number(value) : (value as Json)
}
