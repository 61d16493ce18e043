import type { EvaluationContext, JsonValue } from '@openfeature/core'
import type { FlagContext } from './flag-context.ts'
import { isAmongFirst } from './share.ts'

interface Details {
  value: unknown
  variant?: string
  errorCode?: string
}

/** The methods of a client of OpenFeature that are used. */
export interface OpenFeatureClient {
  getBooleanValue(key: string, fallback: boolean, context: EvaluationContext): Promise<boolean>
  getStringValue(key: string, fallback: string, context: EvaluationContext): Promise<string>
  getNumberValue(key: string, fallback: number, context: EvaluationContext): Promise<number>
  getObjectValue(key: string, fallback: JsonValue, context: EvaluationContext): Promise<JsonValue>
  getBooleanDetails(key: string, fallback: boolean, context: EvaluationContext): Promise<Details>
  getStringDetails(key: string, fallback: string, context: EvaluationContext): Promise<Details>
  getNumberDetails(key: string, fallback: number, context: EvaluationContext): Promise<Details>
  getObjectDetails(key: string, fallback: JsonValue, context: EvaluationContext): Promise<Details>
}

/** `true` as a fallback asks for a boolean, not for `true`. */
type Widened<T> = T extends boolean ? boolean : T extends number ? number : T extends string ? string : T

/**
 * The questions of a program about its flags, asked through OpenFeature: hooks see each of them. None throws because of a
 * flag: an unknown flag, one of another type, and a provider without flags give the fallback.
 */
export interface Flags {
  /** Whether a user has a feature; `false` as the fallback. */
  isEnabled(key: string, user: FlagContext): Promise<boolean>
  /** The value a user gets: a boolean, a text, a number or an object, of the type of the fallback. */
  getValue<const T extends JsonValue>(key: string, user: FlagContext, fallback: T): Promise<Widened<T>>
  /** Runs one of two functions, and returns what it returns. An error of the function is the caller's. */
  withFlag<T>(key: string, user: FlagContext, on: () => T | Promise<T>, off: () => T | Promise<T>): Promise<T>
  /**
   * Whether a user has a feature and is among the first `percent` of the users, from 0 to 100 in thousandths. The share
   * is a limit in the code on top of the flag: a kill and a smaller share of the flag win.
   * @throws {RangeError} for a share outside 0 to 100
   */
  percentage(key: string, user: FlagContext, percent: number): Promise<boolean>
  /** The variant a user gets, by its name or its text; the fallback when it is not one of the list. */
  variant<const V extends string>(
    key: string,
    user: FlagContext,
    variants: readonly V[],
    fallback: NoInfer<V>,
  ): Promise<V>
}

export function flagClient(client: OpenFeatureClient): Flags {
  const isEnabled: Flags['isEnabled'] = (key, user) => client.getBooleanValue(key, false, user)

  async function getValue(key: string, user: FlagContext, fallback: JsonValue): Promise<JsonValue> {
    if (typeof fallback === 'boolean') return await client.getBooleanValue(key, fallback, user)
    if (typeof fallback === 'number') return await client.getNumberValue(key, fallback, user)
    if (typeof fallback === 'string') return await client.getStringValue(key, fallback, user)
    return await client.getObjectValue(key, fallback, user)
  }

  return {
    isEnabled,
    getValue: getValue as Flags['getValue'],
    withFlag: async (key, user, on, off) => await ((await isEnabled(key, user)) ? on() : off()),
    async percentage(key, user, percent) {
      const isFirst = isAmongFirst(key, user, percent)
      return (await isEnabled(key, user)) && isFirst
    },
    async variant(key, user, variants, fallback) {
      const { variant, value } = await detailsOf(client, key, user)
      return variants.find((one) => one === variant) ?? variants.find((one) => one === value) ?? fallback
    },
  }
}

/** A client asks by type, and the type of a flag is known only from the answer. */
async function detailsOf(client: OpenFeatureClient, key: string, user: FlagContext): Promise<Details> {
  const ways = [
    () => client.getStringDetails(key, '', user),
    () => client.getBooleanDetails(key, false, user),
    () => client.getNumberDetails(key, 0, user),
  ]
  for (const ask of ways) {
    const details = await ask()
    if (details.errorCode !== 'TYPE_MISMATCH') return details
  }
  return await client.getObjectDetails(key, {}, user)
}
