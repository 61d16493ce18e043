import type { PeopleKnown } from '../../check/check-approvers.ts'
import type { Config } from '../../config.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { shown } from './workspace.ts'

/** The list of people with its path as messages name it; one with problems ends the call. */
export async function peopleKnown(config: Config, io: Pick<Io, 'cwd'>): Promise<PeopleKnown> {
  const { known, problems } = await readKnown(config, io)
  const [problem] = problems
  if (!problem) return known
  const { file, line, column } = problem.place
  throw new CliError(
    exit.usage,
    `${file}:${line}:${column}: ${problem.message}; nothing ran`,
    problem.hint ?? 'Correct it.',
  )
}

/** The list of people, with its findings. */
export async function readKnown(
  config: Config,
  io: Pick<Io, 'cwd'>,
): Promise<{ known: PeopleKnown; problems: Diagnostic[] }> {
  const { readPeople } = await import('../../people.ts')
  const file = shown(config.people, io.cwd)
  const read = readPeople(config.people, file)
  return { known: { file, people: read?.people }, problems: read?.problems ?? [] }
}
