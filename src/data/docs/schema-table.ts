interface Schema {
  description?: string
  safeParse(value: unknown): { success: boolean }
}

/** The facts of a schema: its description, and whether it must be there. */
export function describeField(schema: unknown): { text: string; required: boolean } {
  const field = schema as Schema
  return { text: field.description ?? '', required: !field.safeParse(undefined).success }
}
