/** The client of feature flags for programs: `runbook/flags`. */
export { flagClient } from './flag-client.ts'
export type { Flags, OpenFeatureClient } from './flag-client.ts'
export type { FlagContext } from './flag-context.ts'
export type { OpenFeatureProvider } from './openfeature-provider.ts'
export type { FlagSource } from './flag-source.ts'
export { flagProvider, openFlags } from './open-flags.ts'
export type { FlagSettings, OpenedFlags } from './open-flags.ts'
