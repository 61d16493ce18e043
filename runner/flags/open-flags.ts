import { randomUUID } from 'node:crypto'
import { type FileProviderOptions, fileProvider } from './file-provider.ts'
import { type Flags, flagClient } from './flag-client.ts'
import type { OpenFeatureProvider } from './openfeature-provider.ts'
import type { LaunchDarklyProviderOptions } from './launchdarkly-provider.ts'
import { optionalPackage } from './optional-package.ts'
import { textOfError, warn } from './problems.ts'
import type { RedisProviderOptions } from './redis-provider.ts'
import type { UnleashProviderOptions } from './unleash-provider.ts'

/** Which service or file has the flags. */
export type FlagSettings =
  | ({ provider: 'flagd' } & FileProviderOptions)
  | ({ provider: 'redis' } & RedisProviderOptions)
  | ({ provider: 'launchdarkly' } & LaunchDarklyProviderOptions)
  | ({ provider: 'unleash' } & UnleashProviderOptions)

export interface OpenedFlags extends Flags {
  /** Ends the connections of the provider. Then every question gives its fallback. */
  close(): Promise<void>
}

/**
 * Opens the flags of a program with a client of OpenFeature of its own. A provider that does not know its flags yet is a
 * problem for `onProblem`, and every question gives its fallback until it does.
 * @throws an error that names the package that is not installed
 */
export async function openFlags(settings: FlagSettings): Promise<OpenedFlags> {
  const { OpenFeature, NOOP_PROVIDER } = await optionalPackage(
    '@openfeature/server-sdk',
    () => import('@openfeature/server-sdk'),
  )
  const provider = await flagProvider(settings)
  const { onProblem = warn } = settings
  // A domain of its own: the provider that the program has set for itself stays.
  const domain = `runbook-flags-${randomUUID()}`
  await OpenFeature.setProviderAndWait(domain, provider).catch((error: unknown) =>
    onProblem(textOfError(error)),
  )
  return {
    ...flagClient(OpenFeature.getClient(domain)),
    close: async () => await OpenFeature.setProviderAndWait(domain, NOOP_PROVIDER),
  }
}

/**
 * The provider of some settings, for a program that sets it with OpenFeature itself. It is loaded when it is chosen.
 * @throws an error that names the package that is not installed
 */
export async function flagProvider(settings: FlagSettings): Promise<OpenFeatureProvider> {
  switch (settings.provider) {
    case 'flagd':
      return fileProvider(settings)
    case 'redis':
      return (await import('./redis-provider.ts')).redisProvider(settings)
    case 'launchdarkly':
      return await (await import('./launchdarkly-provider.ts')).launchDarklyProvider(settings)
    case 'unleash':
      break
  }
  return await (await import('./unleash-provider.ts')).unleashProvider(settings)
}
