import { git } from '../../lib/git.ts'
import type { FlagState } from './flag-model.ts'
import { LIFETIME_DAYS, isExpired } from './flag-rules.ts'

const DAY_MS = 86_400_000

/** After how many days on for everybody a flag is to be retired, and may be. */
export const FULL_DAYS = 14
const OFF_DAYS = 30
const EXERCISE_DAYS = 180

/** A flag that should not be as it is any longer. */
export interface Stale {
  flag: string
  owner: string
  code: string
  message: string
  /** Where the code asks for it, as file:line. */
  references: string[]
}

export interface StaleOptions {
  now: number
  /** Days after which any flag is stale. */
  maxAgeDays: number
  /** Days that a stage of a rollout lasts at most. */
  maxStageDays: number
  /** Whether code may ask for the flag; empty when no repository was given. */
  references: ReadonlyMap<string, string[]>
  repositoryGiven: boolean
}

/** The stale flags, oldest rule first. */
export function staleFlags(flags: readonly FlagState[], options: StaleOptions): Stale[] {
  return flags.flatMap((flag) => {
    const references = options.references.get(flag.key) ?? []
    return reasons(flag, options, references).map(([code, message]) => ({
      flag: flag.key,
      owner: flag.meta.owner || 'nobody',
      code,
      message,
      references,
    }))
  })
}

function reasons(
  flag: FlagState,
  { now, maxAgeDays, maxStageDays, repositoryGiven }: StaleOptions,
  references: readonly string[],
): [string, string][] {
  const { meta, percentage, on, archived } = flag
  if (archived) return []
  const age = days(now, meta.created)
  const still = days(now, meta.changed || meta.created)
  const lifetime = Math.min(LIFETIME_DAYS[meta.type] ?? Number.POSITIVE_INFINITY, maxAgeDays)
  const list: [string, string][] = []
  if (meta.owner === '') list.push(['no-owner', 'nobody owns it'])
  if (percentage === 100 && still > FULL_DAYS)
    list.push(['full', `on for everybody for ${still} days; after ${FULL_DAYS} it is retired`])
  // An experiment stays at its share, and so does a switch for operations.
  if (meta.type === 'release' && percentage > 0 && percentage < 100 && still > maxStageDays)
    list.push(['stage', `at ${percentage} % for ${still} days; a stage lasts ${maxStageDays} at most`])
  if (!on && meta.type !== 'kill-switch' && still > OFF_DAYS)
    list.push(['off', `on for nobody for ${still} days`])
  if (meta.type === 'kill-switch' && days(now, meta.killed || meta.created) > EXERCISE_DAYS)
    list.push(['not-exercised', `not tried out for more than ${EXERCISE_DAYS} days`])
  if (meta.type !== 'kill-switch' && meta.type !== 'permission' && age > lifetime)
    list.push(['age', `${age} days old; ${meta.type || 'a flag'} lives for ${lifetime}`])
  if (isExpired(flag, now)) list.push(['expired', `it expired on ${meta.expires}`])
  if (repositoryGiven && references.length === 0) list.push(['not-in-code', 'no code asks for it'])
  return list
}

/** Whole days since a moment; 0 when there is none. */
export function days(now: number, since: string): number {
  const at = Date.parse(since)
  return Number.isNaN(at) ? 0 : Math.floor((now - at) / DAY_MS)
}

/** Where the committed and changed files of a repository name each key as a word, as file:line. Flag files do not count. */
export async function codeReferences(
  repository: string,
  keys: readonly string[],
): Promise<Map<string, string[]>> {
  const byKey = new Map<string, string[]>(keys.map((key) => [key, []]))
  if (keys.length === 0) return byKey
  const patterns = keys.flatMap((key) => ['-e', key])
  // git grep exits with 1 when it finds nothing, which is an answer and no failure.
  const text = await git(repository, [
    '-c',
    'grep.lineNumber=true',
    'grep',
    '--untracked',
    '-I',
    '-F',
    '-w',
    '-n',
    '-o',
    ...patterns,
    '--',
    '.',
    ':!*.flagd.json',
    ':!*.env',
    ':!CHANGELOG.md',
  ]).catch(async (error: unknown) => {
    await git(repository, ['rev-parse', '--git-dir'])
    if (error instanceof Error && error.message.includes(': Command failed')) return ''
    throw error
  })
  for (const line of text.split('\n')) {
    const match = /^(.*?):(\d+):(.*)$/.exec(line)
    if (match) byKey.get(match[3] ?? '')?.push(`${match[1]}:${match[2]}`)
  }
  return byKey
}

/** Keys that code asks for by the usual calls and that no provider has. */
export async function unknownKeys(repository: string, declared: ReadonlySet<string>): Promise<string[]> {
  const call = String.raw`(isEnabled|getBooleanValue|getValue|withFlag|variation)\(['"][a-z][a-z0-9_]+['"]`
  const text = await git(repository, ['grep', '--untracked', '-I', '-h', '-o', '-E', call]).catch(() => '')
  const keys = [...text.matchAll(/['"]([a-z0-9_]+)['"]/g)].map(([, key]) => key ?? '')
  return [...new Set(keys)].filter((key) => !declared.has(key)).toSorted()
}
