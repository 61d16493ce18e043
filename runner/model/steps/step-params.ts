import type * as z from 'zod'
import { commonParams } from './common-params.ts'
import type { CommonParams } from './common-params.ts'
import type { JsonObject } from '../values/json.ts'
import type { KindSpec } from './kind-spec.ts'
import type { Literal, Step } from '../runbook.ts'
import { hasTemplate } from '../values/template.ts'

/** The values of the attributes of a step: text has become milliseconds and lists, and defaults are filled in. */
export interface StepParams {
  common: CommonParams
  params: JsonObject
}

/** Attributes by kind and text, with what they come to: data, fit for a file. */
export type StoredParams = [key: string, params: StepParams][]

/** A compiled parser is faster from some hundred steps on; few runs have them. */
const onceOnly = { jitless: true }

const cache = new Map<string, StepParams>()
/** How many values are kept. */
const mostKept = 5000

/** The values of attributes, or all their problems, each by its attribute. */
type Read = StepParams | { problems: { attribute: string; message: string }[] }

/** Validates resolved attributes with the kind's schema, unless it is known what they come to. */
export function readParams(kind: KindSpec, attributes: Record<string, Literal>): Read {
  const key = keyOf(kind.name, attributes)
  const before = cache.get(key)
  if (before) return before
  const read = validate(kind, attributes)
  if ('params' in read) keep(key, read)
  return read
}

function keep(key: string, params: StepParams): void {
  if (cache.size >= mostKept) cache.clear()
  cache.set(key, params)
}

function validate(kind: KindSpec, attributes: Record<string, Literal>): Read {
  const common = commonParams().safeParse(attributes, onceOnly)
  const own = kind.params.safeParse(attributes, onceOnly)
  if (common.success && own.success) return { common: common.data, params: own.data as JsonObject }
  const problems = issuesOf(kind, attributes).map(({ path, message }) => ({
    attribute: String(path[0] ?? ''),
    message,
  }))
  return { problems }
}

/** The problems of attributes. The rule of a kind replaces the common rule of an attribute. */
export function issuesOf(kind: KindSpec, attributes: Record<string, Literal>): z.core.$ZodIssue[] {
  const own = new Set(Object.keys(kind.params.shape))
  const common = commonParams().safeParse(attributes).error?.issues ?? []
  const issues = kind.params.safeParse(attributes).error?.issues ?? []
  return [...common.filter(({ path }) => !own.has(String(path[0]))), ...issues]
}

/** The values of the attributes of these steps, where no value is pending: stored with their document. */
export function storedParams(steps: readonly Step[], kinds: readonly KindSpec[]): StoredParams {
  return steps.flatMap((step): StoredParams => {
    const kind = kinds.find(({ name }) => name === step.kind)
    const literals = Object.entries(step.attributes).map(([name, { value }]): [string, Literal] => [
      name,
      value,
    ])
    if (!kind || literals.some(([, value]) => typeof value === 'string' && hasTemplate(value))) return []
    const attributes = Object.fromEntries(literals)
    const read = validate(kind, attributes)
    return 'params' in read ? [[keyOf(kind.name, attributes), read]] : []
  })
}

/** Restores the stored parameters, so that a run of a cached document needs no schema. */
export function recallParams(kept: StoredParams): void {
  for (const [key, params] of kept) keep(key, params)
}

function keyOf(kind: string, attributes: Record<string, Literal>): string {
  return `${kind} ${JSON.stringify(attributes)}`
}
