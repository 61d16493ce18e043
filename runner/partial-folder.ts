const ending = '.partial'

/** The folder beside another where its new content is made. */
export function partialOf(folder: string): string {
  return folder + ending
}

/** The folder whose new content is made in another one; undefined where that is none of `partialOf`. */
export function replacedBy(partial: string): string | undefined {
  return partial.endsWith(ending) ? partial.slice(0, -ending.length) : undefined
}
