import { readPeople } from '../../runner/people.ts'
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

/** Addresses of the people who have a role. @throws {Failure} when the file cannot be used */
export function addressesOf(role: string, file: string): string[] {
  const read = readPeople(file)
  const [problem] = read?.problems ?? []
  if (problem) {
    const at = `${problem.place.file}:${problem.place.line}:${problem.place.column}`
    throw new Failure('The list of people cannot be used.', `${at}: ${problem.message}.`, 'Correct it.')
  }
  return (read?.people.holders[role] ?? []).filter((address) => address.includes('@'))
}
