import { blank } from './templates/blank-template.ts'
import { flag } from './templates/flag-template.ts'
import { incident } from './templates/incident-template.ts'
import { release } from './templates/release-template.ts'
import { rollback } from './templates/rollback-template.ts'

const texts = { release, incident, rollback, flag, blank }

export type Template = keyof typeof texts

export const templates = Object.keys(texts) as Template[]

/** A new runbook from a template: it passes `check` as it is. */
export function newRunbook(template: Template, title: string): string {
  return texts[template]
    .replaceAll('~~~', '```')
    .replace('title: TITLE', () => `title: ${JSON.stringify(title)}`)
}

/** A list of people to begin with, for a template whose approval names a role. */
export const firstPeople = `# Who may decide: replace these people. A decision carries the address on the left.
people:
  ann@example.com:
    name: Ann
    roles: [release-manager]
  ben@example.com:
    name: Ben
    roles: [release-manager]
`

/** `database-locks` as a title: `Database locks`. */
export function titleOf(slug: string): string {
  const words = (slug.split('/').at(-1) ?? slug).replaceAll(/[-_]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
