import type { EvaluationContextValue } from '@openfeature/core'

/** Who is asked for. `targetingKey` decides the bucket; flags may name users by it, and groups by `group`. */
export interface FlagContext {
  /** The id of the account; never an e-mail address. */
  targetingKey: string
  /** Such as `group: 'beta'`. */
  [attribute: string]: EvaluationContextValue
}
