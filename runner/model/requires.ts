import validRange from 'semver/ranges/valid.js'

export interface RequiredCommand {
  name: string
  /** A range as npm writes it, such as `>=24` or `1.x`. */
  range?: string
}

/** Reads `git` or `node >= 24`; undefined when it is neither. */
export function readRequiredCommand(text: string): RequiredCommand | undefined {
  const [, name, rest] = /^([A-Za-z0-9_][\w.+-]*)(?:\s+(.+))?$/.exec(text.trim()) ?? []
  if (name === undefined) return undefined
  if (rest === undefined) return { name }
  const range = validRange(rest)
  return range === null ? undefined : { name, range: rest.trim() }
}
