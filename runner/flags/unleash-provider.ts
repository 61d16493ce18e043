import type { EvaluationContext, JsonValue, ResolutionDetails } from '@openfeature/core'
import type { Context, Unleash, Variant } from 'unleash-client'
import { type OpenFeatureProvider, resolving } from './openfeature-provider.ts'
import { optionalPackage } from './optional-package.ts'
import { type OnProblem, warn } from './problems.ts'
import { within } from './within.ts'

export interface UnleashProviderOptions {
  /** Address of the API, such as `https://unleash.example.com/api`. */
  url: string
  /** A token for clients. */
  token: string
  appName: string
  /** How often the service is asked, in milliseconds: the longest time until a change counts. Default 5000. */
  everyMs?: number
  /** No evaluation uses flags that were confirmed longer ago, in milliseconds. Default 30,000. */
  maxStaleMs?: number
  /** Older flags than that: the caller's fallback (default), or the old flags, without any bound. */
  whenStale?: 'fallback' | 'keep'
  /** Register the program and send how often each flag was asked for. Default: nothing is sent. */
  metrics?: boolean
  /** Longest wait for the first flags, in milliseconds. Default 5000. */
  waitMs?: number
  onProblem?: OnProblem | undefined
}

/** Longest time for one answer. The SDK does not accept less than a second. */
const ANSWER_MS = 5000

/**
 * Unleash by its own SDK, which is a package of the program. The flags are kept in memory alone: a copy on the disk would
 * bring a killed feature back at a start without the service.
 * @throws an error that names the package when it is not installed
 */
export async function unleashProvider({
  url,
  token,
  appName,
  everyMs = 5000,
  maxStaleMs = 30_000,
  whenStale = 'fallback',
  metrics = false,
  waitMs = 5000,
  onProblem = warn,
}: UnleashProviderOptions): Promise<OpenFeatureProvider> {
  const sdk = await optionalPackage('unleash-client', () => import('unleash-client'))
  let isAsking = false
  let isClosed = false
  const unleash = new sdk.Unleash({
    url,
    appName,
    customHeadersFunction: () => {
      isAsking = true
      return Promise.resolve({ Authorization: token })
    },
    refreshInterval: everyMs,
    disableMetrics: !metrics,
    storageProvider: new sdk.InMemStorageProvider(),
    disableAutoStart: true,
    skipInstanceCountWarning: true,
    timeout: ANSWER_MS,
  })
  let confirmed = -Infinity
  const confirm = (): void => void (confirmed = performance.now())
  unleash.on(sdk.UnleashEvents.Changed, confirm).on(sdk.UnleashEvents.Unchanged, confirm)
  unleash.on(sdk.UnleashEvents.Error, (error: Error) => onProblem(error.message))
  // A request that fails after `destroy` has nobody to tell, and would end the program: so the SDK is ended after it.
  const events = sdk.UnleashEvents
  for (const end of [events.Changed, events.Unchanged, events.Error, events.Warn])
    unleash.on(end, () => {
      isAsking = false
      if (isClosed) unleash.destroy()
    })
  return {
    metadata: { name: 'unleash' },
    runsOn: 'server',
    async initialize() {
      const synchronized = new Promise<void>((resolve) =>
        unleash.once(sdk.UnleashEvents.Synchronized, resolve),
      )
      void unleash.start()
      await within(synchronized, waitMs)
    },
    onClose() {
      isClosed = true
      if (!isAsking) unleash.destroy()
      return Promise.resolve()
    },
    ...resolving((key, fallback, context) => {
      if (whenStale === 'keep' || performance.now() - confirmed <= maxStaleMs)
        return answerOf(unleash, key, fallback, context)
      const errorMessage = `Unleash did not answer for more than ${maxStaleMs} ms`
      return { value: fallback, reason: 'STALE', errorCode: 'GENERAL' as never, errorMessage }
    }),
  }
}

function answerOf<T extends JsonValue>(
  unleash: Unleash,
  key: string,
  fallback: T,
  context: EvaluationContext,
): ResolutionDetails<T> {
  if (unleash.getFeatureToggleDefinition(key) === undefined)
    return { value: fallback, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' as never }
  const asked = contextOf(context)
  if (typeof fallback === 'boolean') {
    const isOn = unleash.isEnabled(key, asked)
    return { value: isOn as T, variant: isOn ? 'on' : 'off', reason: 'TARGETING_MATCH' }
  }
  const chosen = unleash.getVariant(key, asked)
  if (!chosen.enabled) return { value: fallback, reason: 'DISABLED' }
  const value = valueOf(chosen, fallback)
  if (value === undefined)
    return { value: fallback, variant: chosen.name, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' as never }
  return { value, variant: chosen.name, reason: 'TARGETING_MATCH' }
}

/** The payload of a variant in the type of the fallback; undefined when it is of another. A text without payload is the name. */
function valueOf<T extends JsonValue>({ name, payload }: Variant, fallback: T): T | undefined {
  const text = payload?.value ?? name
  if (typeof fallback === 'string') return text as T
  if (typeof fallback === 'number')
    return (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)) as T
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}

/** Unleash knows the user by `userId`; what else it knows stands among its properties. */
function contextOf({ targetingKey, ...attributes }: EvaluationContext): Context {
  const properties = Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  )
  return { ...(targetingKey !== undefined && { userId: targetingKey }), properties }
}
