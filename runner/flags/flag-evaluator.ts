import type { EvaluationContext, JsonValue, ResolutionDetails } from '@openfeature/core'
import { FlagdCore } from '@openfeature/flagd-core'

/** The results of flagd's core say the same as its log. */
const silent = { error() {}, warn() {}, info() {}, debug() {} }

/** Evaluates a document of flagd in this process: an evaluation reads no file and asks no server. */
export interface FlagEvaluator {
  /** Takes the text of a document. @throws when it is not one; the last good one stays in force */
  update(text: string): void
  keys(): string[]
  /** The value a user gets, of the type of the fallback; the fallback, with an error code, when there is none. */
  resolve<T extends JsonValue>(key: string, fallback: T, context: EvaluationContext): ResolutionDetails<T>
  /** A value of the flag's metadata, such as its owner. */
  metadata(key: string, name: string): unknown
}

export function flagEvaluator(text?: string): FlagEvaluator {
  const core = new FlagdCore(undefined, silent)
  if (text !== undefined) core.setConfigurations(text)

  function resolve(
    key: string,
    fallback: JsonValue,
    context: EvaluationContext,
  ): ResolutionDetails<JsonValue> {
    const asked = { ...context }
    if (typeof fallback === 'boolean') return core.resolveBooleanEvaluation(key, fallback, asked, silent)
    if (typeof fallback === 'string') return core.resolveStringEvaluation(key, fallback, asked, silent)
    if (typeof fallback === 'number') return core.resolveNumberEvaluation(key, fallback, asked, silent)
    return core.resolveObjectEvaluation(key, fallback, asked, silent)
  }

  return {
    update: (next) => void core.setConfigurations(next),
    keys: () => [...core.getFlags().keys()],
    resolve: resolve as FlagEvaluator['resolve'],
    metadata: (key, name) => core.getFlag(key)?.metadata?.[name],
  }
}
