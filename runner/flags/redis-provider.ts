import type { EvaluationContext, JsonValue, ResolutionDetails } from '@openfeature/core'
import { flagEvaluator } from './flag-evaluator.ts'
import { type OpenFeatureProvider, resolving } from './openfeature-provider.ts'
import { type FlagSource, readSource } from './flag-source.ts'
import { type OnProblem, textOfError, warn } from './problems.ts'
import { redisCache } from './redis-cache.ts'
import { within } from './within.ts'

export interface RedisProviderOptions {
  /** `redis://` or `rediss://`, with the password. */
  url: string
  /** Such as `production`; `runbook flags` announces the changes of an environment to its processes. */
  environment: string
  /** Where the flags are true. Redis only saves most of the reads of it. */
  source: FlagSource
  /** No evaluation uses flags that are older, in milliseconds. Default 30,000; at least 1000. */
  maxStaleMs?: number
  /** Older flags than that: the caller's fallback (default), or the old flags, without any bound. */
  whenStale?: 'fallback' | 'keep'
  onProblem?: OnProblem | undefined
}

/** The parts of the time: a document is kept for a half, looked for every quarter, and each server has an eighth. */
const KEPT = 1 / 2
const LOOKED_FOR = 1 / 4
const ANSWERED = 1 / 8

/**
 * Flags from a source, kept in Redis for all processes and in each process for its evaluations. A change that is announced
 * counts at once. When the message is lost, it counts at the next look; when Redis does not answer, the source is asked;
 * when neither does, flags older than `maxStaleMs` count no more.
 * @throws {RangeError} for a `maxStaleMs` below 1000
 */
export function redisProvider({
  url,
  environment,
  source,
  maxStaleMs = 30_000,
  whenStale = 'fallback',
  onProblem = warn,
}: RedisProviderOptions): OpenFeatureProvider {
  if (!(maxStaleMs >= 1000)) throw new RangeError(`maxStaleMs is ${maxStaleMs}: expected at least 1000`)
  const limitMs = maxStaleMs * ANSWERED
  const cache = redisCache({ url, environment, limitMs, reconnects: true })
  const evaluator = flagEvaluator()
  let current: string | undefined
  /** When the source was asked for the flags that it has, by the clock of `performance.now`. */
  let asOf = -Infinity

  /** Takes a document that is not older than the one it has. @throws when it is not a document */
  function take(text: string, since: number): boolean {
    if (text !== current) {
      if (since < asOf) return false
      evaluator.update(text)
    }
    current = text
    asOf = Math.max(asOf, since)
    return true
  }

  async function look(): Promise<void> {
    const started = performance.now()
    const cached = await cache.read().catch(() => undefined)
    const isFresh = cached?.text !== undefined && cached.ageMs >= 0 && cached.ageMs <= maxStaleMs * KEPT
    if (isFresh && taken(cached.text ?? '', started - cached.ageMs)) return
    const asked = performance.now()
    const text = await within(readSource(source, AbortSignal.timeout(limitMs)), limitMs)
    take(text, asked)
    if (cached !== undefined) await cache.store(text, cached).catch(() => undefined)
  }

  /** False for a document that another process left broken. */
  function taken(text: string, since: number): boolean {
    try {
      return take(text, since)
    } catch {
      return false
    }
  }

  let looking: Promise<void> | undefined
  let isMissed = false
  /** Looks once at a time. An announcement meanwhile makes it look again: the look may have been too early. */
  function refresh(): Promise<void> {
    isMissed = looking !== undefined
    looking ??= look()
      .catch((error: unknown) =>
        onProblem(`The flags of ${environment} were not read: ${textOfError(error)}`),
      )
      .finally(() => {
        looking = undefined
        if (isMissed) void refresh()
      })
    return looking
  }

  function isTooOld(): boolean {
    return whenStale === 'fallback' && performance.now() - asOf > maxStaleMs
  }

  function resolve<T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): ResolutionDetails<T> {
    if (!isTooOld()) return evaluator.resolve(key, fallback, context)
    const errorMessage = `The flags of ${environment} are older than ${maxStaleMs} ms`
    return { value: fallback, reason: 'STALE', errorCode: 'GENERAL' as never, errorMessage }
  }

  let timer: NodeJS.Timeout | undefined
  return {
    metadata: { name: 'redis' },
    runsOn: 'server',
    async initialize() {
      // Both go on trying by themselves.
      const connected = [cache.connect(), cache.onChange(() => void refresh())]
      await Promise.allSettled(connected)
      timer = setInterval(() => void refresh(), maxStaleMs * LOOKED_FOR)
      timer.unref()
      await refresh()
      if (current === undefined)
        throw new Error(`The flags of ${environment} are unknown: neither Redis nor the source has them`)
    },
    onClose() {
      clearInterval(timer)
      cache.close()
      return Promise.resolve()
    },
    ...resolving(resolve),
  }
}
