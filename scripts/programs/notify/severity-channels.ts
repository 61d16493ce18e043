import { readPeople } from '../../../runner/people.ts'
import { parseSeverities } from '../../../runner/status/severities.ts'
import type { Severities, Severity } from '../../../runner/status/severities.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { suggestion } from '../../../runner/model/suggest.ts'

/** @throws {CliError} */
export function readSeverities(file: string, preset?: string): Severities {
  try {
    return parseSeverities(file, preset)
  } catch (error) {
    throw new CliError(exit.failed, `${file} cannot be used: ${messageOf(error)}`, 'Correct it.')
  }
}

/** @throws {CliError} usage */
export function severityNamed(id: string, { severities }: Severities): Severity {
  const match = severities.find((severity) => severity.id === id)
  if (match !== undefined) return match
  const ids = severities.map((severity) => severity.id)
  throw new CliError(exit.usage, `Unknown severity \`${id}\`: it is not in the file`, suggestion(id, ids))
}

/** Addresses of the people who have a role. @throws {CliError} when the file cannot be used */
export function addressesOf(role: string, file: string): string[] {
  const read = readPeople(file)
  const [problem] = read?.problems ?? []
  if (problem) {
    const at = `${problem.place.file}:${problem.place.line}:${problem.place.column}`
    throw new CliError(
      exit.failed,
      `The list of people cannot be used: ${at}: ${problem.message}`,
      'Correct it.',
    )
  }
  return (read?.people.holders[role] ?? []).filter((address) => address.includes('@'))
}
