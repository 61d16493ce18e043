import type { OpenFeatureProvider } from './openfeature-provider.ts'
import { optionalPackage } from './optional-package.ts'
import { type OnProblem, warn } from './problems.ts'

export interface LaunchDarklyProviderOptions {
  /** The SDK key of the environment. */
  sdkKey: string
  /** Address of the service. Default: the service itself. */
  baseUrl?: string | undefined
  /** Address of its stream. Default: that of the service. */
  streamUrl?: string | undefined
  /** Address for events, with `events`. Default: that of the service. */
  eventsUrl?: string | undefined
  /** Send which user got which flag; experiments need it. Default: nothing is sent. */
  events?: boolean
  /** Longest wait for the first flags, in milliseconds. Default 5000. */
  waitMs?: number
  onProblem?: OnProblem | undefined
}

/**
 * LaunchDarkly's own provider and SDK, without events and without diagnostics of the SDK. Both packages are the program's.
 * @throws an error that names the package that is not installed
 */
export async function launchDarklyProvider({
  sdkKey,
  baseUrl,
  streamUrl,
  eventsUrl,
  events = false,
  waitMs = 5000,
  onProblem = warn,
}: LaunchDarklyProviderOptions): Promise<OpenFeatureProvider> {
  await optionalPackage('@launchdarkly/node-server-sdk', () => import('@launchdarkly/node-server-sdk'))
  const { LaunchDarklyProvider } = await optionalPackage(
    '@launchdarkly/openfeature-node-server',
    () => import('@launchdarkly/openfeature-node-server'),
  )
  const quiet = (): void => {}
  // The SDK repeats an error at each evaluation of the same flag.
  const said = new Set<string>()
  const error = (message: string): void => {
    if (said.has(message)) return
    said.add(message)
    onProblem(message)
  }
  const logger = { error, warn: quiet, info: quiet, debug: quiet }
  return new LaunchDarklyProvider(
    sdkKey,
    {
      logger,
      sendEvents: events,
      diagnosticOptOut: true,
      ...(baseUrl !== undefined && { baseUri: baseUrl }),
      ...(streamUrl !== undefined && { streamUri: streamUrl }),
      ...(eventsUrl !== undefined && { eventsUri: eventsUrl }),
    },
    waitMs / 1000,
  )
}
