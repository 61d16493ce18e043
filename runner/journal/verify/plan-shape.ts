import { isRecord } from '../../model/values/json.ts'
import type { Plan } from '../../model/plan.ts'

/**
 * Whether a value has the shape of a plan. Plans come from others too, beside their journals. Written by hand, because a
 * library of schemas takes longer to load than a run takes to begin.
 */
export function isPlan(value: unknown): value is Plan {
  return plan(value)
}

type Shape = (value: unknown) => boolean

const text: Shape = (value) => typeof value === 'string'
const number: Shape = (value) => typeof value === 'number'
const literal: Shape = (value) =>
  text(value) || number(value) || typeof value === 'boolean' || list(literal)(value)

function list(item: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(item)
}

function map(item: Shape): Shape {
  return (value) => isRecord(value) && Object.values(value).every(item)
}

function record(fields: Readonly<Record<string, Shape>>): Shape {
  return (value) => isRecord(value) && Object.entries(fields).every(([name, field]) => field(value[name]))
}

function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value)
}

const step = record({
  number,
  id: text,
  kind: text,
  title: text,
  phase: optional(text),
  effect: text,
  attributes: map(literal),
  fences: list(record({ role: text, lang: text, flags: list(text), code: text, written: optional(text) })),
  tasks: list(record({ text })),
  prose: text,
  outputs: list(text),
  file: text,
  line: number,
})

const plan = record({
  slug: text,
  title: text,
  file: text,
  sha256: text,
  inputs: map(text),
  secrets: list(text),
  inputNames: optional(list(text)),
  requires: map(list(text)),
  env: map(text),
  concurrency: text,
  people: optional(map(list(text))),
  aliases: optional(map(text)),
  close: optional(text),
  presence: optional(text),
  services: optional(list(text)),
  counts: optional(text),
  budgetMs: optional(number),
  steps: list(step),
})
