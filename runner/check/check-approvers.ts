import { wordsOf } from '../model/steps/common-params.ts'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'
import type { People } from '../people.ts'

/** The list of people, and its path as findings name it. */
export interface PeopleList {
  file: string
  /** Undefined where there is no list: then only addresses may approve. */
  people: People | undefined
}

/** Roles and people that approvals name and the list of people does not declare. Without a list an address stands for itself. */
export function checkApprovers(documents: readonly Runbook[], list: PeopleList): Diagnostic[] {
  return documents
    .filter(({ meta }) => meta.selfApproval !== true)
    .flatMap(({ steps }) =>
      steps.flatMap(({ kind, attributes: { approvers } }) => {
        if (kind !== 'approval' || typeof approvers?.value !== 'string') return []
        return undeclared(approvers.value, list).map((word) =>
          diagnostic('unknown-approver', approvers.place, ...sayUndeclared(word, list)),
        )
      }),
    )
}

/** The words of `approvers` that stand for nobody; words that templates fill in later are left out. */
export function undeclared(approvers: string, { people }: Pick<PeopleList, 'people'>): string[] {
  return wordsOf(approvers.replaceAll(/\$\{\{.*?\}\}/g, ' ')).filter((word) =>
    people ? !Object.hasOwn(people.holders, word) : !word.includes('@'),
  )
}

/** Message and hint about a word that stands for nobody. */
export function sayUndeclared(word: string, { file, people }: PeopleList): [string, { hint: string }] {
  const what = word.includes('@') ? 'person' : 'role'
  if (!people)
    return [
      `Unknown role \`${word}\`: ${file} does not exist`,
      { hint: `Declare in ${file} who has the role, or name people by their addresses.` },
    ]
  if (people.services.includes(word))
    return [
      `Unexpected approver \`${word}\`: ${file} declares it as a service, which never approves`,
      { hint: 'Name a person or a role.' },
    ]
  const near = suggest(word, Object.keys(people.holders))
  return [
    `Unknown ${what} \`${word}\`: ${file} does not declare it`,
    { hint: near ? `Did you mean \`${near}\`?` : `Add the ${what} to ${file}.` },
  ]
}
