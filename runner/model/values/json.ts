export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** A value as text: text as it is, nothing as nothing, the rest as JSON. */
export function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Whether a value is a map: no list, and not nothing. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object that a JSON text holds, undefined when it holds none. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return isRecord(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/**
 * The value of a JSON text, undefined when it is none. Whole numbers that a double cannot hold are BigInts, so that an id
 * keeps its digits. A byte order mark is left out.
 */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), exactly)
  } catch {
    return undefined
  }
}

function exactly(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value
  return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
}

/** Node has it; the types of the language do not yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object }

/** Writes a value as JSON, BigInts with all their digits. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? rawJSON(String(member)) : member,
  )
}
