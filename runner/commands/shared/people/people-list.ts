import { existsSync } from 'node:fs'
import type { PeopleList } from '../../../check/check-approvers.ts'
import type { Config } from '../../../config.ts'
import type { Diagnostic } from '../../../model/diagnostic.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { shown } from '../workspace.ts'

/** The list of people with its path as messages name it; one with problems ends the call. */
export async function peopleList(config: Config, io: Pick<Io, 'cwd'>): Promise<PeopleList> {
  const { list, problems } = await readPeopleList(config, io)
  const [problem] = problems
  if (!problem) return list
  const { file, line, column } = problem.place
  throw new CliError(
    exit.usage,
    `${file}:${line}:${column}: ${problem.message}; nothing ran`,
    problem.hint ?? 'Correct it.',
  )
}

/** The list of people, with its findings. */
export async function readPeopleList(
  config: Config,
  io: Pick<Io, 'cwd'>,
): Promise<{ list: PeopleList; problems: Diagnostic[] }> {
  const file = shown(config.people, io.cwd)
  // Few workspaces have a list, and its reader brings a parser.
  if (!existsSync(config.people)) return { list: { file, people: undefined }, problems: [] }
  const { readPeople } = await import('../../../people.ts')
  const read = readPeople(config.people, file)
  return { list: { file, people: read?.people }, problems: read?.problems ?? [] }
}
