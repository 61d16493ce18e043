import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { parseSeverities } from '../../runner/status/severities.ts'
import type { Severities, Severity } from '../../runner/status/severities.ts'
import { Failure, messageOf, usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'

/** @throws {Failure} */
export function readSeverities(file: string, preset?: string): Severities {
  try {
    return parseSeverities(file, preset)
  } catch (error) {
    throw new Failure(`${file} cannot be used.`, messageOf(error).slice(0, 300), 'Correct it.')
  }
}

/** @throws {Failure} usage */
export function severityNamed(id: string, { severities }: Severities): Severity {
  const found = severities.find((severity) => severity.id === id)
  if (found !== undefined) return found
  const ids = severities.map((severity) => severity.id)
  throw usageFailure(`Unknown severity "${id}".`, 'It is not in the file.', suggestion(id, ids))
}

const personSchema = z.looseObject({
  id: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(z.string()).default([]),
})

/** Addresses of the people who have a role. The file lists people, or names them: `people: { ann: { email, roles } }`. */
export function addressesOf(role: string, file: string): string[] {
  if (!existsSync(file)) return []
  const written: unknown = parse(readFileSync(file, 'utf8'))
  const { people = [] } = z
    .looseObject({ people: z.union([z.array(personSchema), z.record(z.string(), personSchema)]).optional() })
    .parse(written ?? {})
  const list = Array.isArray(people)
    ? people
    : Object.entries(people).map(([id, person]) => ({ id, ...person }))
  return list
    .filter(({ roles }) => roles.includes(role))
    .map(({ email, id }) => email ?? id ?? '')
    .filter((address) => address.includes('@'))
}
