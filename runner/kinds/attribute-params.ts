import type { Literal } from '../model/runbook.ts'

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
}

/** Reads attributes one by one: a value that is still a template stays as written, the others are typed. */
export function attributeParams(
  shape: Record<string, unknown>,
  attributes: Record<string, Literal>,
): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(shape)) {
    const read = (schema as Schema).safeParse(attributes[name])
    params[name] = read.success ? read.data : attributes[name]
  }
  return params
}
