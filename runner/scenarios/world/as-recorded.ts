import { isRecord } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'

/** A copy of a value as a journal's file gives it back: secrets are hidden, and a member without a value is left out. */
export function asRecorded<T extends JsonObject>(value: T, hidden: readonly string[]): T {
  return copy(value, hidden) as T
}

function copy(value: Json, hidden: readonly string[]): Json {
  if (typeof value === 'string')
    return hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value)
  if (Array.isArray(value)) return value.map((each) => copy(each ?? null, hidden))
  if (!isRecord(value)) return value
  const copied: JsonObject = {}
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member !== undefined) copied[name] = copy(member, hidden)
  }
  return copied
}
