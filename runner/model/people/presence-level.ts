/** How surely a person must be there when they decide, and where they may sign. */
export const presenceLevels = ['none', 'touch@hub', 'verified@hub', 'touch', 'verified'] as const

/**
 * `touch`: somebody touches the key that signs. `verified`: the key also asks who they are, by a PIN or a biometric.
 * Both are signed on the signer's own machine, where the text was made anew; with `@hub` a page of another machine,
 * which can show one text and have another signed, is enough. `none`: any key, or none, will do.
 */
export type Presence = (typeof presenceLevels)[number]

/** As much as a signature shows: see `presenceOf`. */
interface Shown {
  level: 'key' | 'none' | 'touch' | 'verified'
  place: 'own' | 'hub'
}

/** Whether the key must ask who touches it. */
export function asksVerified(level: Presence): boolean {
  return level.startsWith('verified')
}

/** The level that is enough for each of some levels; undefined stands for `none`. */
export function strongest(...levels: readonly (Presence | undefined)[]): Presence {
  const asked = levels.filter((level) => level !== undefined && level !== 'none')
  if (asked.length === 0) return 'none'
  const level = asked.some(asksVerified) ? 'verified' : 'touch'
  return asked.every((one) => one.endsWith('@hub')) ? `${level}@hub` : level
}

/** Whether a signature shows as much as is asked for. */
export function suffices({ level, place }: Shown, wanted: Presence): boolean {
  if (wanted === 'none') return true
  if (level === 'key' || level === 'none') return false
  return (level === 'verified' || !asksVerified(wanted)) && (place === 'own' || wanted.endsWith('@hub'))
}

/** A level from a plan of unknown shape; any other value is `none`. */
export function presenceFrom(value: unknown): Presence {
  return presenceLevels.find((level) => level === value) ?? 'none'
}

interface Asking {
  presence?: Presence
  steps: readonly { id: string; attributes: Readonly<Record<string, unknown>> }[]
}

/** The level that a plan requires of the decisions on one of its steps. */
export function stepPresence({ presence, steps }: Asking, step: string): Presence {
  const own = steps.find(({ id }) => id === step)?.attributes['presence']
  return strongest(presence, presenceFrom(own))
}
