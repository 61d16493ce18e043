/** How surely a person must be there when they decide, the weakest first. */
export const presenceLevels = ['none', 'touch', 'verified'] as const

/**
 * `touch`: somebody touches the key that signs. `verified`: the key also asks who they are, by a PIN or a biometric.
 * `none`: any key, or none, will do.
 */
export type Presence = (typeof presenceLevels)[number]

/** The strongest of some levels; undefined stands for `none`. */
export function strongest(...levels: readonly (Presence | undefined)[]): Presence {
  return presenceLevels.findLast((level) => levels.includes(level)) ?? 'none'
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
