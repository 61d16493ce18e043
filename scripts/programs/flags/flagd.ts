import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlagdCore } from '@openfeature/flagd-core'
import { writeAtomically } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { codeOf, messageOf } from '../../lib/errors.ts'
import { withFileLock } from '../../lib/file-lock.ts'
import { isRecord } from '../../../runner/model/values/json.ts'
import {
  type FlagEntry,
  newEntry,
  percentageOf,
  segmentsOf,
  stateOf,
  targeting,
  versionOf,
} from './flag-entry.ts'
import type { FlagContext, FlagProvider, Kill } from './flag-model.ts'
import { silent } from './silent-logger.ts'

/** A flag file: `flags` by key, and whatever else flagd reads there. */
export interface FlagFile {
  $schema?: string
  flags: Record<string, FlagEntry>
}

const SCHEMA = 'https://flagd.dev/schema/v0/flags.json'

/** Flags in files, one per environment: `<folder>/<environment>.flagd.json`. Evaluated by flagd's own core. */
export function flagdProvider(folder: string, now: () => Date = () => new Date()): FlagProvider {
  const where = (environment: string): string => join(folder, `${environment}.flagd.json`)
  const edit = (change: Edit, make: (entry: FlagEntry) => FlagEntry | undefined): Promise<void> =>
    editEntry(where(change.environment), change, make)
  return {
    id: 'flagd',
    capabilities: { percentage: true, segments: true, create: true },
    where,
    async list(environment) {
      const { flags } = await readFlagFile(where(environment))
      return Object.entries(flags).map(([key, entry]) => stateOf(key, environment, entry))
    },
    async get(key, environment) {
      const entry = (await readFlagFile(where(environment))).flags[key]
      return entry && stateOf(key, environment, entry)
    },
    create: ({ environment, ...flag }) =>
      editFile(where(environment), (file) => {
        if (Object.hasOwn(file.flags, flag.key)) throw exists(flag.key, where(environment))
        return { ...file, flags: { ...file.flags, [flag.key]: newEntry(flag) } }
      }),
    setPercentage: (change, percentage) =>
      edit(change, (entry) =>
        stamped({ ...entry, targeting: targeting(change.key, percentage, segmentsOf(entry)) }, now()),
      ),
    target: (change, users, groups) =>
      edit(change, (entry) => ({
        ...entry,
        targeting: targeting(change.key, requiredPercentage(change.key, entry), { users, groups }),
      })),
    // Not `state: DISABLED`: then every caller gets its own default, which may be on.
    async kill(change) {
      const { key, environment } = change
      let entry: FlagEntry | undefined
      await edit(change, (current) => killed(key, (entry = current), now()))
      if (entry === undefined) return { before: undefined, wasOn: undefined }
      const text = JSON.stringify({ flags: { [key]: entry } })
      return {
        before: stateOf(key, environment, entry),
        wasOn: (users) => evaluateText(text, key, users),
      }
    },
    restore: (change, to) => edit(change, () => to.raw as FlagEntry),
    archive: (change) => edit(change, () => undefined),
    evaluate: async (key, environment, users) => evaluateText(await textOf(where(environment)), key, users),
  }
}

function stamped(entry: FlagEntry, now: Date): FlagEntry {
  return { ...entry, metadata: { ...entry.metadata, changed: now.toISOString() } }
}

function killed(key: string, entry: FlagEntry, now: Date): FlagEntry {
  const nobody = { users: [], groups: [] }
  const metadata = { ...entry.metadata, killed: now.toISOString() }
  return stamped({ ...entry, defaultVariant: 'off', targeting: targeting(key, 0, nobody), metadata }, now)
}

function requiredPercentage(key: string, entry: FlagEntry): number {
  const percentage = percentageOf(key, entry)
  if (percentage !== undefined) return percentage
  throw new CliError(
    exit.failed,
    `The targeting of ${key} was written by hand: it is not what this program writes, so its percentage is not known`,
    'Set a percentage first: that replaces it.',
  )
}

type Edit = Pick<Kill, 'key' | 'environment' | 'ifVersion'>

async function editEntry(
  file: string,
  { key, environment, ifVersion }: Edit,
  make: (entry: FlagEntry) => FlagEntry | undefined,
): Promise<void> {
  await editFile(file, (content) => {
    const { [key]: entry, ...others } = content.flags
    if (entry === undefined) throw noFlag(key, environment, file, Object.keys(others))
    const version = versionOf(entry)
    if (ifVersion !== undefined && version !== ifVersion) throw changed(key, ifVersion, version)
    const next = make(entry)
    if (next === undefined) return { ...content, flags: others }
    // Spread over the old object, so that the order of the file, and its history, stay readable.
    return { ...content, flags: { ...content.flags, [key]: next } }
  })
}

/** A change that was decided on another version than the one found. */
export function changed(key: string, decidedOn: string, version: string): CliError {
  return new CliError(
    exit.failed,
    `${key} was changed by somebody else: this change was decided on version ${decidedOn}, and there is ${version} now`,
    'Look at the flag with `flags.ts show`, and decide again.',
  )
}

/** There is no such flag where it was looked for. */
export function noFlag(key: string, environment: string, where: string, keys: readonly string[]): CliError {
  return new CliError(
    exit.failed,
    `There is no flag ${key} in ${environment}: ${where} has ${keys.length === 0 ? 'no flags' : keys.join(', ')}`,
    'Check --key, --environment and --dir, or create it with `flags.ts create`.',
  )
}

function exists(key: string, where: string): CliError {
  return new CliError(
    exit.failed,
    `${key} exists already: it is in ${where}`,
    'Choose another key, or set it.',
  )
}

async function editFile(path: string, make: (file: FlagFile) => FlagFile): Promise<void> {
  await withFileLock(path, async () => {
    const next = make(await readFlagFile(path))
    await writeAtomically(path, `${JSON.stringify(next, null, 2)}\n`)
  })
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return JSON.stringify({ $schema: SCHEMA, flags: {} })
    throw error
  })
}

/** Reads a flag file; one that does not exist has no flags. @throws {CliError} when it is not a flag file */
export async function readFlagFile(path: string): Promise<FlagFile> {
  const text = await textOf(path)
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value) && isRecord(value['flags'])) return value as unknown as FlagFile
    throw new TypeError('There is no "flags" in it')
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${path} is not a flag file: ${messageOf(error)}`,
      'Bring back the last good version with git, then try again.',
    )
  }
}

/** Evaluates one flag for many users with flagd's own core. @throws {CliError} for the first evaluation that errs */
export function evaluateText(text: string, key: string, users: readonly FlagContext[]): boolean[] {
  const core = new FlagdCore(undefined, silent)
  core.setConfigurations(text)
  return users.map((user) => {
    const details = core.resolveBooleanEvaluation(key, false, { ...user }, silent)
    if (details.errorCode === undefined) return details.value
    throw new CliError(
      exit.failed,
      `${key} cannot be evaluated for ${user.targetingKey}: flagd says ${details.errorCode}: ${details.errorMessage ?? ''}`,
      'Look at the flag with `flags.ts lint`.',
    )
  })
}
