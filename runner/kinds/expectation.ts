import { evaluateCel } from '../model/cel.ts'
import type { Json, JsonObject } from '../model/json.ts'

/** Whether an expression holds over what was found, or why it has no value. */
export function holds(expression: string, values: JsonObject): boolean | string {
  try {
    return evaluateCel(expression, values) === true
  } catch (error) {
    return `\`${expression}\` has no value: ${firstLine(error)}`
  }
}

/** The members of a map an expression makes, as text; or why there are none. */
export function mapOf(expression: string, values: JsonObject): Record<string, string> | string {
  try {
    const made: unknown = evaluateCel(expression, values)
    const members = made instanceof Map ? [...made] : Object.entries(made as JsonObject)
    return Object.fromEntries(members.map(([name, value]) => [String(name), textOf(value as Json)]))
  } catch (error) {
    return `\`${expression}\` has no value: ${firstLine(error)}`
  }
}

function textOf(value: Json | bigint): string {
  return typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0] ?? ''
}

/** The value of a JSON text; null when it is none. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}
