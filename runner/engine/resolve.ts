import type { JsonObject } from '../model/json.ts'
import type { Fence, Literal } from '../model/runbook.ts'
import { substitute } from '../model/template.ts'
import type { Encode, Reference } from '../model/template.ts'

/** The values templates may name; a scope that is not there stays as written. */
export interface Values {
  inputs?: Record<string, string>
  outputs?: Record<string, string>
  run?: JsonObject
}

function lookup(values: Values): (reference: Reference) => string | undefined {
  return ({ scope, name }) => {
    const value = values[scope]?.[name]
    return value === undefined || value === null ? undefined : String(value)
  }
}

/** Replaces what is known in the attributes of a step; the rest waits for the step's turn. */
export function resolveAttributes(
  attributes: Record<string, Literal>,
  values: Values,
): Record<string, Literal> {
  const entries = Object.entries(attributes).map(([name, value]): [string, Literal] => [
    name,
    typeof value === 'string' ? substitute(value, lookup(values)) : value,
  ])
  return Object.fromEntries(entries)
}

/** Replaces what is known in a fence, encoded for where it stands. Shell fences hold no templates. */
export function resolveFence(fence: Fence, values: Values): Fence {
  if (fence.lang !== 'http') return { ...fence, code: substitute(fence.code, lookup(values)) }
  return { ...fence, code: resolveHttp(fence.code, values) }
}

function resolveHttp(code: string, values: Values): string {
  const lines = code.split('\n')
  const bodyAt = lines.findIndex((line, index) => index > 0 && line.trim() === '')
  return lines
    .map((line, index) => {
      if (index === 0) return resolveRequestLine(line, values)
      const encode = bodyAt !== -1 && index > bodyAt ? jsonText : headerText
      return substitute(line, lookup(values), encode)
    })
    .join('\n')
}

/** A template that begins the address is a base address and stays whole; any other is one part of it. */
function resolveRequestLine(line: string, values: Values): string {
  const based = line.replace(
    /^(\S+\s+)(\$\{\{[^}]*\}\})/,
    (_, method: string, base: string) => method + substitute(base, lookup(values), baseAddress),
  )
  return substitute(based, lookup(values), encodeURIComponent)
}

const baseAddress: Encode = (value) => value.trim().replaceAll(/\s/g, '%20').replace(/\/$/, '')
const headerText: Encode = (value) => value.replaceAll(/[\r\n\0]/g, ' ')
const jsonText: Encode = (value) => JSON.stringify(value).slice(1, -1)
