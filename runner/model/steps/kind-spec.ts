import type { ZodObject } from 'zod'
import type { Diagnostic } from '../diagnostic.ts'
import type { Step } from '../runbook.ts'

/** The effect of a step on the world: nothing, look at it, or change it. */
export type Effect = 'none' | 'read' | 'write'

export interface FenceSpec {
  role: string
  /** `script` allows every language of languages.ts. */
  languages: 'script' | readonly string[]
  required?: boolean
}

/** The part of a step kind the parser needs: how it is written. */
export interface KindSpec {
  /** Lower case, such as `command`. The element is the same word with a capital: `<Command>`. */
  name: string
  /** The kind's own attributes. Each field has a description with unit, range and default. */
  params: ZodObject
  /** Names of the attributes that hold a CEL expression: a value that lands in one is a literal, never a part of it. */
  expressions?: readonly string[]
  body: { fences: readonly FenceSpec[]; tasks?: 'required' }
  /** Findings that only the kind can make about a step, such as a request or a query that cannot be read. */
  inspect?(step: Step): Diagnostic[]
}

export function elementName(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1)
}
