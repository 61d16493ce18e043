import type { EvaluationContext, JsonValue, ResolutionDetails } from '@openfeature/core'

type Asked<T> = (key: string, fallback: T, context: EvaluationContext) => Promise<ResolutionDetails<T>>

/** A provider as OpenFeature's SDK for servers accepts it with `setProvider`. */
export interface OpenFeatureProvider {
  metadata: { name: string }
  runsOn: 'server'
  /** Resolves when the flags are known. Rejects when they are not; the provider goes on trying. */
  initialize?(): Promise<void>
  onClose?(): Promise<void>
  resolveBooleanEvaluation: Asked<boolean>
  resolveStringEvaluation: Asked<string>
  resolveNumberEvaluation: Asked<number>
  resolveObjectEvaluation: <T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ) => Promise<ResolutionDetails<T>>
}

/** The methods of a provider, from one function that knows the wanted type by the fallback. */
export function resolving(
  resolve: <T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ) => ResolutionDetails<T>,
): Pick<
  OpenFeatureProvider,
  | 'resolveBooleanEvaluation'
  | 'resolveStringEvaluation'
  | 'resolveNumberEvaluation'
  | 'resolveObjectEvaluation'
> {
  const ask = <T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> => Promise.resolve(resolve(key, fallback, context))
  return {
    resolveBooleanEvaluation: ask,
    resolveStringEvaluation: ask,
    resolveNumberEvaluation: ask,
    resolveObjectEvaluation: ask,
  }
}
