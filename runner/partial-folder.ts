// No folder of a user's has such a name by chance: what lies there is removed.
const ending = '.runbook-partial'

/** The folder beside another where its new content is made. */
export function partialOf(folder: string): string {
  return folder + ending
}

/** The folder beside another where its earlier content is, until the new one is in its place. */
export function earlierOf(folder: string): string {
  return `${folder}.runbook-before`
}

/** The folder whose new content is made in another one; undefined where that is none of `partialOf`. */
export function replacedBy(partial: string): string | undefined {
  return partial.endsWith(ending) ? partial.slice(0, -ending.length) : undefined
}
