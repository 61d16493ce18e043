import { FlagdCore } from '@openfeature/flagd-core'
import { isRecord } from '../../../runner/model/values/json.ts'
import { type FlagEntry, percentageOf } from './flag-entry.ts'
import type { FlagContext } from './flag-model.ts'
import { silent } from './silent-logger.ts'

/** The flags of a program, in its own process: nothing is sent anywhere, so a changed file counts at once. */
export interface FlagClient {
  /** Takes the text of a flag file; one that is broken leaves the last good one in force. */
  update(text: string): void
  keys(): string[]
  /** Whether a user has a feature; not when the flag is unknown or broken. */
  isEnabled(key: string, user: FlagContext): boolean
  /** The value a user gets, of the type of the fallback; the fallback when there is none of that type. */
  getValue<T extends boolean | string | number>(key: string, fallback: T, user: FlagContext): Widened<T>
  /** The name of the variant a user gets, such as `on`. */
  variant(key: string, user: FlagContext): string | undefined
  /** Runs one of two functions, and returns what it returns. */
  withFlag<T>(key: string, user: FlagContext, on: () => T, off: () => T): T
  /** Share of users who have it, 0 to 100; undefined when there is no such flag or its rules were written by hand. */
  percentage(key: string): number | undefined
  /** A value of the flag's metadata, such as its owner. */
  metadata(key: string, name: string): unknown
}

/** `true` as a fallback asks for a boolean, not for `true`. */
export type Widened<T> = T extends boolean ? boolean : T extends number ? number : string

export function flagClient(): FlagClient {
  const core = new FlagdCore(undefined, silent)
  let entries: Record<string, FlagEntry> = {}
  const isEnabled = (key: string, user: FlagContext): boolean =>
    core.resolveBooleanEvaluation(key, false, { ...user }, silent).value
  return {
    isEnabled,
    update(text) {
      try {
        core.setConfigurations(text)
      } catch {
        return
      }
      const { flags } = JSON.parse(text) as { flags?: unknown }
      entries = isRecord(flags) ? (flags as unknown as Record<string, FlagEntry>) : {}
    },
    keys: () => [...core.getFlags().keys()],
    getValue(key, fallback, user) {
      const context = { ...user }
      const details =
        typeof fallback === 'boolean'
          ? core.resolveBooleanEvaluation(key, fallback, context, silent)
          : typeof fallback === 'number'
            ? core.resolveNumberEvaluation(key, fallback, context, silent)
            : core.resolveStringEvaluation(key, fallback, context, silent)
      return details.value as Widened<typeof fallback>
    },
    variant: (key, user) =>
      core.resolveAll({ ...user }, silent).find(({ flagKey }) => flagKey === key)?.variant,
    withFlag: (key, user, on, off) => (isEnabled(key, user) ? on() : off()),
    percentage(key) {
      const entry = entries[key]
      return entry === undefined ? undefined : percentageOf(key, entry)
    },
    metadata: (key, name) => core.getFlag(key)?.metadata?.[name],
  }
}
