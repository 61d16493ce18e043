import { readFileSync } from 'node:fs'

export const templates = ['release', 'incident', 'rollback', 'flag', 'blank'] as const

export type Template = (typeof templates)[number]

/** A new runbook from a template: it passes `check` as it is. */
export function newRunbook(template: Template, title: string): string {
  const text = readFileSync(new URL(`templates/${template}.mdx`, import.meta.url), 'utf8')
  return text.replace('title: TITLE', () => `title: ${JSON.stringify(title)}`)
}

/** `database-locks` as a title: `Database locks`. */
export function titleOf(slug: string): string {
  const words = (slug.split('/').at(-1) ?? slug).replaceAll(/[-_]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
