import { maxLineBytes } from '../../journal/record/event.ts'
import { result } from '../../kinds/kind.ts'
import type { ProcessOutcome, Result } from '../../kinds/kind.ts'
import type { JsonObject } from '../../model/values/json.ts'

/** Most bytes of a result: a line of the journal holds it, beside what every event has. */
const most = maxLineBytes - 4096

export function fits(value: JsonObject): boolean {
  return bytesOf(value) <= most
}

/** The first of the outputs that no environment can hold: the next step could not be started. */
export function outputWithNul(outputs: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(outputs).find((name) => outputs[name]?.includes('\0'))
}

/** A result that the journal or the next step cannot hold becomes a failure that they can. */
export function fitting(ended: Result): Result {
  const broken = outputWithNul(ended.outputs)
  if (broken !== undefined)
    return withoutOutputs(
      ended,
      `its output \`${broken}\` contains a NUL character: encode it, such as with base64`,
    )
  if (fits(ended)) return ended
  return withoutOutputs(
    ended,
    `its result is ${bytesOf(ended)} bytes, more than the ${most} the journal takes: leave large outputs in a file, and hand on its name`,
  )
}

function withoutOutputs(ended: Result, why: string): Result {
  const { process } = ended.data as { process?: ProcessOutcome }
  return result('failed', `${ended.message.slice(0, 1000)}, but ${why}`, {
    data: process ? { process: { ...process, outputs: {} } } : {},
  })
}

function bytesOf(value: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(value))
}
