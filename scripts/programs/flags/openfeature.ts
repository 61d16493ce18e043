import type { EvaluationContext, JsonValue, ResolutionDetails } from '@openfeature/core'
import { FlagdCore } from '@openfeature/flagd-core'
import type { Widened } from './flag-client.ts'
import { type FlagEntry, percentageOf } from './flag-entry.ts'
import type { FlagContext } from './flag-model.ts'
import { silent } from './silent-logger.ts'

type Asked<T> = (key: string, fallback: T, context: EvaluationContext) => Promise<ResolutionDetails<T>>

/** The provider that OpenFeature's own SDK accepts with `setProvider`. */
export interface FlagFileProvider {
  metadata: { name: string }
  runsOn: 'server'
  /** Takes the text of a flag file. @throws when it is none; the last good one stays in force */
  update(text: string): void
  resolveBooleanEvaluation: Asked<boolean>
  resolveStringEvaluation: Asked<string>
  resolveNumberEvaluation: Asked<number>
  resolveObjectEvaluation: <T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ) => Promise<ResolutionDetails<T>>
}

/** The flag files of `flags.ts` for programs that ask through OpenFeature. The share of users is in the metadata. */
export function flagFileProvider(): FlagFileProvider {
  const core = new FlagdCore(undefined, silent)
  let entries: Record<string, FlagEntry> = {}
  const withShare = <T>(key: string, details: ResolutionDetails<T>): Promise<ResolutionDetails<T>> => {
    const entry = entries[key]
    const percentage = entry === undefined ? undefined : percentageOf(key, entry)
    const metadata = percentage === undefined ? {} : { percentage }
    return Promise.resolve({ ...details, flagMetadata: { ...details.flagMetadata, ...metadata } })
  }
  return {
    metadata: { name: 'flag-files' },
    runsOn: 'server',
    update(text) {
      core.setConfigurations(text)
      entries = (JSON.parse(text) as { flags: Record<string, FlagEntry> }).flags
    },
    resolveBooleanEvaluation: (key, fallback, context) =>
      withShare(key, core.resolveBooleanEvaluation(key, fallback, context, silent)),
    resolveStringEvaluation: (key, fallback, context) =>
      withShare(key, core.resolveStringEvaluation(key, fallback, context, silent)),
    resolveNumberEvaluation: (key, fallback, context) =>
      withShare(key, core.resolveNumberEvaluation(key, fallback, context, silent)),
    resolveObjectEvaluation: (key, fallback, context) =>
      withShare(key, core.resolveObjectEvaluation(key, fallback, context, silent)),
  }
}

/** The methods of a client of OpenFeature that are used. */
interface OpenFeatureClient {
  getBooleanDetails(key: string, fallback: boolean, context: EvaluationContext): Promise<Details>
  getStringDetails(key: string, fallback: string, context: EvaluationContext): Promise<Details>
  getNumberDetails(key: string, fallback: number, context: EvaluationContext): Promise<Details>
  getObjectDetails(key: string, fallback: JsonValue, context: EvaluationContext): Promise<Details>
  getBooleanValue(key: string, fallback: boolean, context: EvaluationContext): Promise<boolean>
  getStringValue(key: string, fallback: string, context: EvaluationContext): Promise<string>
  getNumberValue(key: string, fallback: number, context: EvaluationContext): Promise<number>
}

interface Details {
  variant?: string
  errorCode?: string
  flagMetadata: Readonly<Record<string, unknown>>
}

/** The questions of `FlagClient`, asked through OpenFeature: whatever provider it has, its hooks see them. */
export interface FlagHelpers {
  isEnabled(key: string, user: FlagContext): Promise<boolean>
  getValue<T extends boolean | string | number>(
    key: string,
    fallback: T,
    user: FlagContext,
  ): Promise<Widened<T>>
  variant(key: string, user: FlagContext): Promise<string | undefined>
  withFlag<T>(key: string, user: FlagContext, on: () => T, off: () => T): Promise<T>
  /** Undefined when the provider does not say. */
  percentage(key: string): Promise<number | undefined>
}

export function flagHelpers(client: OpenFeatureClient): FlagHelpers {
  const isEnabled: FlagHelpers['isEnabled'] = (key, user) => client.getBooleanValue(key, false, { ...user })
  return {
    isEnabled,
    async getValue(key, fallback, user) {
      const context = { ...user }
      const value =
        typeof fallback === 'boolean'
          ? await client.getBooleanValue(key, fallback, context)
          : typeof fallback === 'number'
            ? await client.getNumberValue(key, fallback, context)
            : await client.getStringValue(key, fallback, context)
      return value as Widened<typeof fallback>
    },
    variant: async (key, user) => (await detailsOf(client, key, { ...user })).variant,
    withFlag: async (key, user, on, off) => ((await isEnabled(key, user)) ? on() : off()),
    async percentage(key) {
      const { flagMetadata } = await detailsOf(client, key, { targetingKey: '' })
      const { percentage } = flagMetadata
      return typeof percentage === 'number' ? percentage : undefined
    },
  }
}

/** A client asks by type, and the type of a flag is known only from the answer. */
async function detailsOf(
  client: OpenFeatureClient,
  key: string,
  context: EvaluationContext,
): Promise<Details> {
  const ways = [
    () => client.getBooleanDetails(key, false, context),
    () => client.getStringDetails(key, '', context),
    () => client.getNumberDetails(key, 0, context),
  ]
  for (const ask of ways) {
    const details = await ask()
    if (details.errorCode !== 'TYPE_MISMATCH') return details
  }
  return await client.getObjectDetails(key, {}, context)
}
