import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { flagEvaluator } from '../../../runner/flags/flag-evaluator.ts'
import { codeOf, messageOf } from '../../lib/errors.ts'
import { withFileLock } from '../../lib/file-lock.ts'
import { isRecord } from '../../../runner/model/values/json.ts'
import {
  type FlagEntry,
  armsOf,
  metadataOf,
  newEntry,
  percentageOf,
  segmentsOf,
  stateOf,
  withTargeting,
} from './flag-entry.ts'
import type { Change, Evaluation, FlagContext, FlagProvider, FlagState, Segments } from './flag-model.ts'
import { killedWith } from './flag-rules.ts'

/** A flag file: `flags` by key, and whatever else flagd reads there. */
export interface FlagFile {
  $schema?: string
  flags: Record<string, FlagEntry>
}

export interface FlagFiles {
  now?: () => Date
  /** Told after each change of the file of an environment. */
  announce?: (environment: string) => Promise<void>
}

const SCHEMA = 'https://flagd.dev/schema/v0/flags.json'
const NOBODY = { users: [], groups: [] }

/** Flags in files, one per environment: `<folder>/<environment>.flagd.json`. Evaluated by flagd's own core. */
export function flagdProvider(
  folder: string,
  { now = () => new Date(), announce = () => Promise.resolve() }: FlagFiles = {},
): FlagProvider {
  const where = (environment: string): string => join(folder, `${environment}.flagd.json`)

  async function write(environment: string, make: (file: FlagFile) => FlagFile): Promise<void> {
    const path = where(environment)
    await withFileLock(path, async () => {
      const next = make(await readFlagFile(path))
      await writeAtomically(path, `${JSON.stringify(next, null, 2)}\n`)
    })
    await announce(environment)
  }

  const edit = (
    change: Change,
    make: (entry: FlagEntry, flags: FlagFile['flags']) => FlagFile['flags'],
  ): Promise<void> =>
    write(change.environment, (file) => {
      const { key, environment, ifVersion, check } = change
      const entry = entryOf(file, key, environment, where(environment), ifVersion)
      check?.(stateOf(key, environment, entry), statesOf(file, environment))
      return { ...file, flags: make(entry, file.flags) }
    })

  /** One flag anew. Spread over the old object, so that the order of the file, and its history, stay readable. */
  const change = (what: Change, make: (entry: FlagEntry) => FlagEntry): Promise<void> =>
    edit(what, (entry, flags) => ({ ...flags, [what.key]: make(entry) }))

  return {
    id: 'flagd',
    capabilities: { percentage: true, variants: true, metadata: true, segments: true, create: true },
    where,
    list: async (environment) => statesOf(await readFlagFile(where(environment)), environment),
    async get(key, environment) {
      const entry = (await readFlagFile(where(environment))).flags[key]
      return entry && stateOf(key, environment, entry)
    },
    create: ({ environment, ...flag }) =>
      write(environment, (file) => {
        if (Object.hasOwn(file.flags, flag.key)) throw exists(flag.key, where(environment))
        return { ...file, flags: { ...file.flags, [flag.key]: newEntry(flag) } }
      }),
    setPercentage: (what, percentage) =>
      change(what, (entry) => given(what.key, entry, percentage, segmentsOf(entry), now())),
    target: (what, users, groups) =>
      change(what, (entry) =>
        given(what.key, entry, requiredPercentage(what.key, entry), { users, groups }, now()),
      ),
    describe: (what, about) =>
      change(what, (entry) => ({ ...entry, metadata: { ...entry.metadata, ...metadataOf(about) } })),
    // Not `state: DISABLED`: then every caller gets its own default, which may be on.
    async kill({ key, environment, ifVersion, alone }) {
      let before: FlagFile | undefined
      let also: FlagState[] = []
      await write(environment, (file) => {
        entryOf(file, key, environment, where(environment), ifVersion)
        before = file
        also = alone ? [] : killedWith(key, statesOf(file, environment))
        const keys = [...also.map((flag) => flag.key), key]
        const off = keys.map((one) => [one, killed(one, file.flags[one] as FlagEntry, now())])
        return { ...file, flags: { ...file.flags, ...Object.fromEntries(off) } }
      })
      const entry = before?.flags[key] as FlagEntry
      const text = JSON.stringify({ flags: { [key]: entry } })
      return {
        before: stateOf(key, environment, entry),
        wasOn: (users) => evaluateText(text, key, users).map(({ on }) => on),
        also,
      }
    },
    restore: (what, to, also) =>
      edit(what, (_, flags) => ({
        ...flags,
        [what.key]: to.raw as FlagEntry,
        ...Object.fromEntries(also.map(({ key, raw }) => [key, raw as FlagEntry])),
      })),
    archive: (what) =>
      edit(what, (_, flags) => {
        const { [what.key]: _gone, ...left } = flags
        return left
      }),
    evaluate: async (key, environment, users) => evaluateText(await textOf(where(environment)), key, users),
  }
}

function statesOf({ flags }: FlagFile, environment: string): FlagState[] {
  // A neighbor that was broken by hand hinders no change of another flag.
  return Object.entries(flags).flatMap(([key, entry]) =>
    isRecord(entry) ? [stateOf(key, environment, entry)] : [],
  )
}

/** The flag that a change is about. @throws {CliError} when there is none, or it is another version */
function entryOf(
  { flags }: FlagFile,
  key: string,
  environment: string,
  file: string,
  ifVersion: string | undefined,
): FlagEntry {
  const entry = flags[key]
  if (entry === undefined) throw noFlag(key, environment, file, Object.keys(flags))
  const { version } = stateOf(key, environment, entry)
  if (ifVersion !== undefined && version !== ifVersion) throw changed(key, ifVersion, version)
  return entry
}

/** The flag for other users; the same flag when nobody gets anything else. */
function given(key: string, entry: FlagEntry, percentage: number, named: Segments, now: Date): FlagEntry {
  const next = withTargeting(key, entry, percentage, named)
  return JSON.stringify(next) === JSON.stringify(entry) ? entry : stamped(next, now)
}

function stamped(entry: FlagEntry, now: Date): FlagEntry {
  return { ...entry, metadata: { ...entry.metadata, changed: now.toISOString() } }
}

function killed(key: string, entry: FlagEntry, now: Date): FlagEntry {
  const off = { ...entry, defaultVariant: armsOf(entry).off }
  const metadata = { ...entry.metadata, killed: now.toISOString() }
  return stamped({ ...withTargeting(key, off, 0, NOBODY), metadata }, now)
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

/** A change that was decided on another version than the one found. */
export function changed(key: string, decidedOn: string, version: string): CliError {
  return new CliError(
    exit.failed,
    `${key} was changed by somebody else: this change was decided on version ${decidedOn}, and there is ${version} now`,
    'Look at the flag with `runbook flags show`, and decide again.',
  )
}

/** There is no such flag where it was looked for. */
export function noFlag(key: string, environment: string, where: string, keys: readonly string[]): CliError {
  return new CliError(
    exit.failed,
    `There is no flag ${key} in ${environment}: ${where} has ${keys.length === 0 ? 'no flags' : keys.join(', ')}`,
    'Check --key, --environment and --dir, or create it with `runbook flags create`.',
  )
}

function exists(key: string, where: string): CliError {
  return new CliError(
    exit.failed,
    `${key} exists already: it is in ${where}`,
    'Choose another key, or set it.',
  )
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
export function evaluateText(text: string, key: string, users: readonly FlagContext[]): Evaluation[] {
  const evaluator = flagEvaluator(text)
  const { flags } = JSON.parse(text) as FlagFile
  const entry = flags[key]
  const values = isRecord(entry?.variants) ? Object.values(entry.variants) : []
  const fallback = fallbackOf(values[0])
  const off = entry === undefined ? undefined : armsOf(entry).off
  return users.map((user) => {
    const details = evaluator.resolve(key, fallback, { ...user })
    if (details.errorCode === undefined)
      return {
        on: typeof details.value === 'boolean' ? details.value : details.variant !== off,
        variant: details.variant,
        value: details.value,
      }
    throw new CliError(
      exit.failed,
      `${key} cannot be evaluated for ${user.targetingKey}: flagd says ${details.errorCode}: ${details.errorMessage ?? ''}`,
      'Look at the flag with `runbook flags lint`.',
    )
  })
}

/** A value of the type of a variant: flagd is asked by type. */
function fallbackOf(value: unknown): boolean | string | number | Record<string, never> {
  if (typeof value === 'string') return ''
  if (typeof value === 'number') return 0
  return isRecord(value) || Array.isArray(value) ? {} : false
}
