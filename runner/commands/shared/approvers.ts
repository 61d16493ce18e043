import { resolve } from 'node:path'
import type { Config } from '../../config.ts'
import type { Plan } from '../../model/plan.ts'
import { suggest } from '../../model/suggest.ts'
import type { People } from '../../people.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { shown } from './workspace.ts'

/** Who stands behind each word the plan's approvals name, frozen with the plan; undefined without a list of people. */
export async function approversOf(plan: Plan, config: Config): Promise<People | undefined> {
  const words = plan.steps.flatMap(({ kind, attributes }) =>
    kind === 'approval' ? String(attributes['approvers'] ?? '').split(/[\s,]+/) : [],
  )
  const named = words.filter((word) => word !== '' && !word.includes('${{'))
  if (named.length === 0 || plan.selfApproval) return undefined
  const people = await peopleIn(config)
  if (!people) return undefined
  const unknown = named.find((word) => !Object.hasOwn(people, word))
  if (unknown !== undefined) throw nobodyIs(unknown, people, config)
  return Object.fromEntries(named.map((word) => [word, people[word] ?? []]))
}

/** The list of people; undefined where there is none. */
export async function peopleIn(config: Config): Promise<People | undefined> {
  const { PeopleError, readPeople } = await import('../../people.ts')
  try {
    return readPeople(config.people)
  } catch (error) {
    if (!(error instanceof PeopleError)) throw error
    throw new CliError(
      exit.usage,
      error.message,
      'Correct it: it has `people:`, each with a list of `roles`.',
    )
  }
}

function nobodyIs(word: string, people: People, config: Config): CliError {
  const near = suggest(word, Object.keys(people))
  const file = shown(config.people, resolve('.'))
  return new CliError(
    exit.usage,
    `Nobody in ${file} is \`${word}\` or has that role, so nobody could approve`,
    near ? `Did you mean \`${near}\`?` : `Add the role to somebody in ${file}.`,
  )
}
