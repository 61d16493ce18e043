import { suggest } from '../../runner/model/suggest.ts'

/** "Did you mean X?" for a misspelling, otherwise the list of what exists. */
export function suggestion(typed: string, candidates: readonly string[], prefix = ''): string {
  const near = suggest(typed, candidates)
  if (near !== undefined) return `Did you mean ${prefix}${near}?`
  return `Use one of: ${candidates.map((candidate) => prefix + candidate).join(', ')}.`
}
