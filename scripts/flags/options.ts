import { COMMON, DRY_RUN } from '../lib/args.ts'
import { usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'
import { httpUrl, integer, required, requiredEnv } from '../lib/values.ts'
import type { ChangeRequest } from './change.ts'
import { envProvider } from './env.ts'
import { flagdProvider } from './flagd.ts'
import { launchDarklyProvider } from './launchdarkly.ts'
import { isFlagKey } from './lint.ts'
import type { Capabilities, FlagProvider } from './model.ts'

const PROVIDERS = ['flagd', 'env', 'launchdarkly'] as const

/** Flags of every command: which provider, and where. */
export const WHERE = {
  provider: { type: 'string', value: 'NAME', help: `One of ${PROVIDERS.join(', ')} (default flagd).` },
  dir: { type: 'string', value: 'DIR', help: 'Folder of the flag files (default FLAGS_DIR, else flags).' },
  environment: { type: 'string', value: 'NAME', help: 'Such as production (default lab).' },
  project: {
    type: 'string',
    value: 'KEY',
    help: 'LaunchDarkly: the project (default LAUNCHDARKLY_PROJECT).',
  },
  ...COMMON,
} as const

export const KEY = { key: { type: 'string', value: 'KEY', help: 'The flag, such as ui_new_total.' } } as const

/** Flags of every command that changes one flag. */
export const CHANGE = {
  ...KEY,
  'if-version': { type: 'string', value: 'V', help: 'Change only this version of the flag; show prints it.' },
  save: { type: 'string', value: 'FILE', help: 'Keep the state from before, for restore --from FILE.' },
  comment: { type: 'string', value: 'TEXT', help: 'Why; kept in the history of the flag.' },
  commit: { type: 'boolean', help: 'Commit the flag file to git, with the run in the message.' },
  ...DRY_RUN,
  ...WHERE,
} as const

export interface WhereValues {
  provider?: string
  dir?: string
  environment?: string
  project?: string
}

interface ChangeValues extends WhereValues {
  key?: string
  'if-version'?: string
  save?: string
  comment?: string
  commit?: boolean
  'dry-run'?: boolean
}

/** The provider that the flags name; the signal ends what it asks of a service. @throws {Failure} usage */
export function providerOf(values: WhereValues, signal?: AbortSignal): FlagProvider {
  const name = values.provider ?? 'flagd'
  const folder = values.dir ?? (process.env['FLAGS_DIR'] || 'flags')
  if (name === 'flagd') return flagdProvider(folder)
  if (name === 'env') return envProvider(folder)
  if (name === 'launchdarkly')
    return launchDarklyProvider({
      url: httpUrl(process.env['LAUNCHDARKLY_URL'] || 'https://app.launchdarkly.com', 'LAUNCHDARKLY_URL'),
      project: required(values.project ?? process.env['LAUNCHDARKLY_PROJECT'], '--project'),
      token: requiredEnv(['LAUNCHDARKLY_ACCESS_TOKEN'])[0],
      signal,
    })
  throw usageFailure(`Unknown provider "${name}".`, 'No other is built in.', suggestion(name, PROVIDERS))
}

export function environmentOf(values: WhereValues): string {
  const name = values.environment ?? 'lab'
  if (/^[a-z0-9][a-z0-9-]*$/.test(name)) return name
  throw usageFailure(
    `Unexpected environment "${name}".`,
    'It is part of a file name.',
    'Use lower-case letters, digits and -.',
  )
}

/** A key as this provider names flags. @throws {Failure} usage */
export function keyOf(key: string | undefined, provider: string): string {
  const given = required(key, '--key')
  if (provider === 'env' ? /^FEATURE_[A-Z0-9_]+$/.test(given) : isFlagKey(given)) return given
  throw usageFailure(
    `Unexpected key "${given}".`,
    provider === 'env' ? 'Expected FEATURE_NAME.' : 'Expected {prefix}_{name} in lower case.',
    provider === 'env' ? 'Such as FEATURE_BYPASS_CACHE.' : 'Such as ui_new_total.',
  )
}

/** What a changing command is asked to do. @throws {Failure} usage */
export function requestOf(values: ChangeValues): ChangeRequest {
  const provider = providerOf(values)
  return {
    provider,
    key: keyOf(values.key, provider.id),
    environment: environmentOf(values),
    ifVersion: values['if-version'],
    dryRun: values['dry-run'] ?? false,
    save: values.save,
    commit: values.commit ?? false,
    comment: commentOf(values.comment),
  }
}

/** What goes into the history: the reason, and the run it happened in. */
function commentOf(text: string | undefined): string {
  const run = process.env['RUNBOOK_RUN_ID']
  return [text ?? '', run === undefined ? '' : `runbook ${run}`].filter(Boolean).join(' · ')
}

export function percentOf(text: string | undefined): number {
  return integer(required(text, '--percent'), '--percent', 0, 100)
}

const capabilities: readonly (keyof Capabilities)[] = ['percentage', 'segments', 'create']

/** The capabilities named in a list such as `percentage,segments`. @throws {Failure} usage */
export function capabilitiesOf(text: string | undefined): (keyof Capabilities)[] {
  const words = (text ?? '').split(/[\s,]+/).filter(Boolean)
  return words.map((word) => {
    const known = capabilities.find((one) => one === word)
    if (known) return known
    throw usageFailure(
      `Unexpected value "${word}" for --needs.`,
      `Expected ${capabilities.join(', ')}.`,
      suggestion(word, capabilities),
    )
  })
}

/** Refuses what a provider cannot do, before anything is changed. @throws {Failure} usage */
export function needs(provider: FlagProvider, capability: keyof Capabilities): void {
  if (provider.capabilities[capability]) return
  throw usageFailure(
    `${provider.id} has no ${capability}.`,
    'The provider cannot do it, now or at two in the morning.',
    'Use --provider flagd, or choose another kind of change.',
  )
}
