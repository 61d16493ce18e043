import { createHash } from 'node:crypto'
import { isRecord } from '../../../runner/model/values/json.ts'
import { type FlagMeta, type FlagState, type NewFlag, type NewMeta, type Segments } from './flag-model.ts'

/** One flag in a flagd file. Values of metadata are plain, as flagd's schema wants them. */
export interface FlagEntry {
  state: 'ENABLED' | 'DISABLED'
  variants: Record<string, unknown>
  defaultVariant: string
  targeting: object
  metadata: Record<string, string | number | boolean>
}

/** Who gets which variant: `arms` share the users who have the feature evenly, the others get `off`. */
export interface Arms {
  arms: readonly string[]
  off: string
}

const ON_OFF: Arms = { arms: ['on'], off: 'off' }

/**
 * The targeting of a flag, always made here and never edited: the seed is the key and those who have the feature come
 * first at every percentage, because another seed or another order would give the feature to other people.
 * @internal
 */
export function targeting(
  key: string,
  percentage: number,
  { users, groups }: Segments,
  { arms, off }: Arms = ON_OFF,
): object {
  // flagd takes integers. The same share has the same buckets, whatever the weights add up to.
  const whole = Number.isInteger(percentage) ? 100 : 100_000
  const on = Math.round((percentage * whole) / 100)
  const seed = { cat: [key, { var: 'targetingKey' }] }
  const [first = off, ...more] = arms
  // Of several arms the share decides first and a seed of its own then, so that nobody changes arms when the share grows.
  const arm =
    more.length === 0
      ? first
      : { fractional: [{ cat: [key, '/', { var: 'targetingKey' }] }, ...arms.map((name) => [name, 1])] }
  const share = (within: string, beyond: string): object => ({
    fractional: [seed, [within, on], [beyond, whole - on]],
  })
  const buckets =
    typeof arm === 'string' ? share(arm, off) : { if: [{ '==': [share('in', 'out'), 'in'] }, arm, off] }
  const named = [
    ...(users.length > 0 ? [{ in: [{ var: 'targetingKey' }, users] }, arm] : []),
    ...(groups.length > 0 ? [{ in: [{ var: 'group' }, groups] }, arm] : []),
  ]
  return named.length > 0 ? { if: [...named, buckets] } : buckets
}

/** The arms of a flag. Off is `false` of a boolean flag, and the default of another. */
export function armsOf({ variants, defaultVariant }: Pick<FlagEntry, 'variants' | 'defaultVariant'>): Arms {
  // A file may have been written by hand, without any.
  const names = isRecord(variants) ? Object.keys(variants) : []
  const off = names.find((name) => variants[name] === false) ?? defaultVariant
  return { arms: names.filter((name) => name !== off), off }
}

/** The same flag with the targeting for a share of users and those who are named. */
export function withTargeting(key: string, entry: FlagEntry, percentage: number, named: Segments): FlagEntry {
  return { ...entry, targeting: targeting(key, percentage, named, armsOf(entry)) }
}

/** The percentage a generated targeting has; undefined when it was not made by {@link targeting}. */
export function percentageOf(key: string, entry: FlagEntry): number | undefined {
  if (!isRecord(entry.variants)) return undefined
  const [within, beyond] =
    sharesOf(JSON.stringify({ cat: [key, { var: 'targetingKey' }] }), entry.targeting) ?? []
  if (typeof within !== 'number' || typeof beyond !== 'number') return undefined
  const percentage = within / ((within + beyond) / 100)
  const again = targeting(key, percentage, segmentsOf(entry), armsOf(entry))
  return JSON.stringify(again) === JSON.stringify(entry.targeting) ? percentage : undefined
}

/** The weights of the buckets with this seed. */
function sharesOf(seed: string, rule: unknown): unknown[] | undefined {
  if (Array.isArray(rule)) {
    for (const part of rule) {
      const weights = sharesOf(seed, part)
      if (weights !== undefined) return weights
    }
    return undefined
  }
  if (!isRecord(rule)) return undefined
  const buckets = rule['fractional']
  if (Array.isArray(buckets) && JSON.stringify(buckets[0]) === seed)
    return buckets.slice(1).map((bucket: unknown) => (Array.isArray(bucket) ? bucket[1] : undefined))
  return sharesOf(seed, Object.values(rule))
}

/** The named users and groups of a targeting. */
export function segmentsOf(entry: FlagEntry): Segments {
  const rule: unknown = entry.targeting
  const steps: unknown[] = isRecord(rule) && Array.isArray(rule['if']) ? rule['if'] : []
  const named = (variable: string): string[] =>
    steps.flatMap((step) => {
      const test: unknown[] = isRecord(step) && Array.isArray(step['in']) ? step['in'] : []
      const [by, values] = test
      return isRecord(by) && by['var'] === variable && Array.isArray(values) ? values.map(String) : []
    })
  return { users: named('targetingKey'), groups: named('group') }
}

/** A new flag. */
export function newEntry({
  key,
  created,
  percentage,
  variants = { values: { on: true, off: false }, off: 'off' },
  ...about
}: Omit<NewFlag, 'environment'>): FlagEntry {
  const made = { state: 'ENABLED' as const, variants: { ...variants.values }, defaultVariant: variants.off }
  return {
    ...made,
    targeting: targeting(key, percentage, { users: [], groups: [] }, armsOf(made)),
    metadata: { ...metadataOf(about), created, changed: created },
  }
}

/** The facts about a flag as metadata; a list is one text, and nothing is left out by being empty. */
export function metadataOf({ tags, requires, ...about }: Partial<NewMeta>): Record<string, string> {
  return {
    ...about,
    ...(requires !== undefined && { requires: requires.join(' ') }),
    ...(tags !== undefined && { tags: tags.join(' ') }),
  }
}

/** The flag as every provider describes it. */
export function stateOf(key: string, environment: string, entry: FlagEntry): FlagState {
  const percentage = percentageOf(key, entry)
  const named = segmentsOf(entry)
  const enabled = entry.state === 'ENABLED'
  const meta = metaOf(entry)
  return {
    key,
    environment,
    percentage: enabled ? (percentage ?? Number.NaN) : 0,
    named,
    on: enabled && (percentage !== 0 || named.users.length + named.groups.length > 0),
    // Every other change of what users get has a later moment.
    isKilled: meta.killed !== '' && meta.killed === meta.changed,
    archived: false,
    version: versionOf(entry),
    meta,
    raw: entry,
  }
}

/** Changes with every change of the flag. */
export function versionOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

function metaOf(entry: FlagEntry): FlagMeta {
  // A file may have been written by hand, without any.
  const metadata = isRecord(entry.metadata) ? entry.metadata : {}
  const text = (name: string): string => String(metadata[name] ?? '')
  const words = (name: string): string[] => text(name).split(' ').filter(Boolean)
  return {
    owner: text('owner'),
    type: text('type'),
    created: text('created'),
    description: text('description'),
    changed: text('changed'),
    killed: text('killed'),
    expires: text('expires'),
    requires: words('requires'),
    tags: words('tags'),
  }
}
