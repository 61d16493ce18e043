import { flag, optional, required, withDefault } from '../../../runner/kit/command.ts'
import type { Values } from '../../../runner/kit/command.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { choice, filePath, httpUrl, string } from '../../../runner/kit/types.ts'
import type { ValueType } from '../../../runner/kit/types.ts'
import { needed, readAs } from '../../../runner/kit/read-values.ts'
import { failure, success } from '../../../runner/model/problem.ts'
import { requiredEnv } from '../../lib/required-env.ts'
import { announceChange } from './announce.ts'
import type { ChangeRequest } from './change-flag.ts'
import { envProvider } from './env-flags.ts'
import { flagdProvider } from './flagd.ts'
import { launchDarklyProvider } from '../../adapters/launchdarkly.ts'
import { isFlagKey } from './lint-flags.ts'
import type { Capabilities, Check, FlagProvider } from './flag-model.ts'

/** It is part of a file name. */
const environmentName: ValueType<string> = {
  form: 'name',
  read: (text) =>
    /^[a-z0-9][a-z0-9-]*$/.test(text) ? success(text) : failure('a name of lower-case letters, digits and -'),
}

/** A share of the users from 0 to 100, to a thousandth: what providers count in. */
export const percent: ValueType<number> = {
  form: 'percent',
  read(text) {
    const value = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN
    return value <= 100
      ? success(value)
      : failure('a number from 0 to 100 with at most three decimals, such as 25 or 0.001')
  },
}

/** Keys of flags, with commas between them; `none` for an empty list. */
export const keyList: ValueType<string[]> = {
  form: 'keys',
  read(text) {
    const keys = text === 'none' ? [] : text.split(',').map((key) => key.trim())
    return keys.every(isFlagKey)
      ? success(keys)
      : failure('keys with commas between them, such as ui_new_total,ui_cart, or `none`')
  },
}

/** Options of every command: which provider, and where. */
export const WHERE = {
  provider: withDefault(choice(['flagd', 'env', 'launchdarkly']), 'flagd', 'Where the flags are.'),
  dir: optional(filePath('folder'), 'Folder of the flag files. Default: FLAGS_DIR, else flags.'),
  environment: withDefault(environmentName, 'lab', 'Such as production.'),
  project: optional(string('key'), 'LaunchDarkly: the project. Default: LAUNCHDARKLY_PROJECT.'),
}

export const KEY = { key: required(string('key'), 'The flag, such as ui_new_total.') }

/** Options of every command that changes flags, without the one that names the flag. */
export const CHANGES = {
  ifVersion: optional(string('version'), 'Change only this version of the flag; show prints it.'),
  save: optional(filePath('file'), 'Keep the state from before, for restore --from FILE.'),
  comment: optional(string('text'), 'Why; kept in the history of the flag.'),
  commit: flag('Commit the flag file to git, with the run in the message.'),
  ...WHERE,
}

/** Options of every command that changes one flag. */
export const CHANGE = { ...KEY, ...CHANGES }

type Where = Values<typeof WHERE>

/** The folder of the flag files. */
export function folderOf({ dir }: Where): string {
  return dir ?? (process.env['FLAGS_DIR'] || 'flags')
}

/** How long a service may take: for one exchange, in milliseconds, and for all exchanges. */
export interface Bounds {
  limitMs?: number
  signal?: AbortSignal
}

/** The provider that the options name; the signal ends what it asks of a service. @throws {CliError} usage */
export function providerOf(options: Where, bounds: Bounds = {}): FlagProvider {
  if (options.provider === 'flagd') return flagdProvider(folderOf(options), announcing())
  if (options.provider === 'env') return envProvider(folderOf(options))
  return launchDarklyProvider({
    url: readAs(
      httpUrl,
      process.env['LAUNCHDARKLY_URL'] || 'https://app.launchdarkly.com',
      'LAUNCHDARKLY_URL',
    ),
    project: needed(options.project ?? process.env['LAUNCHDARKLY_PROJECT'], '--project'),
    token: requiredEnv(['LAUNCHDARKLY_ACCESS_TOKEN'])[0],
    ...bounds,
  })
}

function announcing(): { announce?: (environment: string) => Promise<void> } {
  const url = process.env['FLAGS_REDIS_URL'] ?? ''
  return url === '' ? {} : { announce: (environment) => announceChange(url, environment) }
}

/** A key as this provider names flags. @throws {CliError} usage */
export function keyOf(key: string, provider: string): string {
  const [fits, expected] =
    provider === 'env'
      ? [/^FEATURE_[A-Z0-9_]+$/.test(key), 'FEATURE_NAME, such as FEATURE_BYPASS_CACHE']
      : [isFlagKey(key), '{prefix}_{name} in lower case, such as ui_new_total']
  if (fits) return key
  throw new CliError(exit.usage, `Unexpected key \`${key}\``, `Expected ${expected}.`)
}

/** The request of a changing command, and the rules of the change. @throws {CliError} usage */
export function requestOf(
  options: Values<typeof CHANGE>,
  dryRun: boolean,
  check: Check = () => {},
): ChangeRequest {
  const provider = providerOf(options)
  const { ifVersion, save, commit, environment } = options
  const key = keyOf(options.key, provider.id)
  const comment = commentOf(options.comment)
  return { provider, key, environment, ifVersion, dryRun, save, commit, comment, check }
}

/** The entry in the history: the reason, and the run of the change. */
function commentOf(reason: string | undefined): string {
  const run = process.env['RUNBOOK_RUN_ID']
  return [reason ?? '', run === undefined ? '' : `runbook ${run}`].filter(Boolean).join(' · ')
}

/** Refuses what a provider cannot do, before anything is changed. @throws {CliError} usage */
export function needs(provider: FlagProvider, capability: keyof Capabilities): void {
  if (provider.capabilities[capability]) return
  throw new CliError(
    exit.usage,
    `${provider.id} has no ${capability}`,
    'Use --provider flagd, or choose another kind of change.',
  )
}
