import type { IncomingMessage } from 'node:http'
import { isRecord } from '../../../runner/model/values/json.ts'
import { suggestion } from '../../../runner/model/suggest.ts'
import { COLORS, type Color, FAULT_KINDS, type FaultKind, type Weights } from '../lab-model.ts'
import { Refusal } from './refusal.ts'

export type Body = Record<string, unknown>

const LIMIT_BYTES = 64 * 1024

/** Reads a JSON object of at most 64 KiB; an empty body is an empty object. @throws {Refusal} */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LIMIT_BYTES)
      throw new Refusal(413, 'The body is larger than 64 KiB.', 'Send only the documented fields.')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8').trim()
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
  } catch {
    // Falls through: broken JSON and another kind of value get the same answer.
  }
  throw new Refusal(400, 'The body is no JSON object.', 'Send something like {"color":"green"}.')
}

/** Refuses fields that would be ignored. @throws {Refusal} */
export function onlyFields(body: Body, fields: readonly string[]): void {
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  if (unknown !== undefined)
    throw new Refusal(
      400,
      `Unknown field "${unknown}".`,
      fields.length === 0 ? 'Send no field.' : suggestion(unknown, fields),
    )
}

/** @throws {Refusal} when it is neither blue nor green */
export function colorOf(value: unknown): Color {
  return oneOf(value, COLORS, 'color')
}

/** @throws {Refusal} when there is no such fault */
export function faultKindOf(value: unknown): FaultKind {
  return oneOf(value, FAULT_KINDS, 'kind')
}

/** Both weights, integers from 0 to 100, not both 0. @throws {Refusal} */
export function weightsOf(value: unknown): Weights {
  const remedy = 'Send {"weights":{"blue":90,"green":10}}: integers from 0 to 100, not both 0.'
  if (!isRecord(value)) throw new Refusal(400, 'Expected weights for blue and green.', remedy)
  onlyFields(value, COLORS)
  const { blue, green } = value
  if (!isWeight(blue) || !isWeight(green) || blue + green === 0)
    throw new Refusal(400, `Unexpected weights ${JSON.stringify(value)}.`, remedy)
  return { blue, green }
}

/** A share above 0 and at most 1; `fallback` when absent. @throws {Refusal} */
export function rateOf(value: unknown, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value === 'number' && value > 0 && value <= 1) return value
  throw new Refusal(
    400,
    `Unexpected rate ${JSON.stringify(value)}.`,
    'Send a share above 0 and at most 1, such as 0.05.',
  )
}

/** A boolean; false when absent. @throws {Refusal} */
export function flagOf(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw new Refusal(400, `Unexpected ${name} ${JSON.stringify(value)}.`, `Send "${name}": true or false.`)
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  const match = allowed.find((candidate) => candidate === value)
  if (match !== undefined) return match
  if (value === undefined)
    throw new Refusal(400, `The field ${name} is missing.`, `Use one of: ${allowed.join(', ')}.`)
  throw new Refusal(
    400,
    `Unexpected ${name} ${JSON.stringify(value)}.`,
    suggestion(JSON.stringify(value).replaceAll('"', ''), allowed),
  )
}
