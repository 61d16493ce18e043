import { maxLineBytes } from '../journal/event.ts'
import { result } from '../kinds/kind.ts'
import type { ProcessOutcome, Result } from '../kinds/kind.ts'
import type { JsonObject } from '../model/json.ts'

/** Most bytes of a result: a line of the journal holds it, beside what every event has. */
const most = maxLineBytes - 4096

export function fits(value: JsonObject): boolean {
  return bytesOf(value) <= most
}

/** A result the journal cannot hold becomes a failure that it can. */
export function fitting(ended: Result): Result {
  if (fits(ended)) return ended
  const { process } = ended.data as { process?: ProcessOutcome }
  const message = `${ended.message.slice(0, 1000)}, but its result is ${bytesOf(ended)} bytes, more than the ${most} the journal takes: leave large outputs in a file, and hand on its name`
  return result('failed', message, { data: process ? { process: { ...process, outputs: {} } } : {} })
}

function bytesOf(value: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(value))
}
