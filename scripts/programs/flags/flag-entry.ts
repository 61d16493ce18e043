import { createHash } from 'node:crypto'
import { isRecord } from '../../../runner/model/values/json.ts'
import type { FlagMeta, FlagState, NewFlag, Segments } from './flag-model.ts'

/** One flag in a flagd file. Values of metadata are plain, as flagd's schema wants them. */
export interface FlagEntry {
  state: 'ENABLED' | 'DISABLED'
  variants: Record<string, unknown>
  defaultVariant: string
  targeting: object
  metadata: Record<string, string | number | boolean>
}

/**
 * The targeting of a flag, always made here and never edited: the seed is the key and `on` comes first at every
 * percentage, because another seed or another order would give the feature to other people.
 */
export function targeting(key: string, percentage: number, { users, groups }: Segments): object {
  // flagd takes integers. The same share has the same buckets, whatever the weights add up to.
  const whole = Number.isInteger(percentage) ? 100 : 100_000
  const on = Math.round((percentage * whole) / 100)
  const buckets = {
    fractional: [{ cat: [key, { var: 'targetingKey' }] }, ['on', on], ['off', whole - on]],
  }
  const named = [
    ...(users.length > 0 ? [{ in: [{ var: 'targetingKey' }, users] }, 'on'] : []),
    ...(groups.length > 0 ? [{ in: [{ var: 'group' }, groups] }, 'on'] : []),
  ]
  return named.length > 0 ? { if: [...named, buckets] } : buckets
}

/** The percentage a generated targeting has; undefined when it was not made by {@link targeting}. */
export function percentageOf(key: string, entry: FlagEntry): number | undefined {
  const buckets = bucketsOf(entry.targeting)
  const weightOf = (bucket: unknown): unknown => (Array.isArray(bucket) ? bucket[1] : undefined)
  const [, on, off] = Array.isArray(buckets) ? buckets.map(weightOf) : []
  if (typeof on !== 'number' || typeof off !== 'number') return undefined
  const percentage = on / ((on + off) / 100)
  const again = targeting(key, percentage, segmentsOf(entry))
  return JSON.stringify(again) === JSON.stringify(entry.targeting) ? percentage : undefined
}

function bucketsOf(rule: unknown): unknown {
  if (!isRecord(rule)) return undefined
  if (Array.isArray(rule['if'])) return bucketsOf(rule['if'].at(-1))
  return rule['fractional']
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
  owner,
  type,
  description,
  tags,
  created,
  percentage,
}: Omit<NewFlag, 'environment'>): FlagEntry {
  return {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    targeting: targeting(key, percentage, { users: [], groups: [] }),
    metadata: { owner, type, created, description, tags: tags.join(' '), changed: created },
  }
}

/** The flag as every provider describes it. */
export function stateOf(key: string, environment: string, entry: FlagEntry): FlagState {
  const percentage = percentageOf(key, entry)
  const named = segmentsOf(entry)
  const enabled = entry.state === 'ENABLED'
  return {
    key,
    environment,
    percentage: enabled ? (percentage ?? Number.NaN) : 0,
    named,
    on: enabled && (percentage !== 0 || named.users.length + named.groups.length > 0),
    archived: false,
    version: versionOf(entry),
    meta: metaOf(entry),
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
  return {
    owner: text('owner'),
    type: text('type'),
    created: text('created'),
    description: text('description'),
    changed: text('changed'),
    killed: text('killed'),
    tags: text('tags').split(' ').filter(Boolean),
  }
}
