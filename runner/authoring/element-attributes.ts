import * as z from 'zod'
import type { Kind } from '../kinds/kind.ts'
import { commonParams } from '../model/steps/common-params.ts'

/** An attribute of a step element. */
export interface ElementAttribute {
  name: string
  /** Meaning, unit, range and default, in sentences; empty for a kind of a configuration that has no words. */
  description: string
  /** As TypeScript writes it. */
  type: string
  /** The texts that it may have; empty where others are allowed. */
  values: readonly string[]
  required: boolean
}

interface JsonProperty {
  type?: string
  enum?: unknown[]
  description?: string
}

/** The attributes of the element of a kind: those of every step, then its own, which come instead of one of that name. */
export function elementAttributes(kind: Kind): ElementAttribute[] {
  const byName = new Map(
    [...attributesIn(commonParams()), ...attributesIn(kind.params)].map((one) => [one.name, one]),
  )
  return [...byName.values()]
}

function attributesIn(params: z.ZodObject): ElementAttribute[] {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, JsonProperty>
    required?: string[]
  }
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    description: property.description ?? '',
    type: typeOf(property),
    values: (property.enum ?? []).filter((value) => typeof value === 'string'),
    required: schema.required?.includes(name) ?? false,
  }))
}

function typeOf({ type, enum: values }: JsonProperty): string {
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (type === 'integer' || type === 'number') return 'number'
  return type === 'boolean' || type === 'string' ? type : 'string | number'
}
