import { messageOf } from '../../lib/errors.ts'
import { isRecord } from '../../../runner/model/values/json.ts'
import { armsOf, percentageOf, segmentsOf, stateOf } from './flag-entry.ts'
import { evaluateText } from './flagd.ts'
import type { FlagFile } from './flagd.ts'
import { FLAG_TYPES } from './flag-model.ts'
import { requiresProblem } from './flag-rules.ts'
import { sampleUsers } from './prove.ts'

/** Something wrong with a flag. */
export interface LintFinding {
  flag: string
  code: string
  message: string
}

const KEY = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/
// A phone number is seven digits or more behind a plus, or with the separators people write.
const PERSONAL = /[^\s@]+@[^\s@]+\.[^\s@]+|\+\d[\d ().-]{6,}|^\d{2,4}[ /-]\d{3,}[ -]?\d*$/

/** True for `{prefix}_{name}` in lower case. */
export function isFlagKey(key: string): boolean {
  return KEY.test(key)
}

/** Everything wrong with the flags of one file. */
export function lintFile(file: FlagFile): LintFinding[] {
  const states = Object.entries(file.flags).flatMap(([key, entry]) =>
    isRecord(entry) ? [stateOf(key, '', entry)] : [],
  )
  return Object.entries(file.flags).flatMap(([key, entry]) => {
    const findings: LintFinding[] = []
    const add = (code: string, message: string): void => void findings.push({ flag: key, code, message })
    if (!isFlagKey(key)) add('key', 'the key is not {prefix}_{name} in lower case')
    if (!isRecord(entry) || !isRecord(entry.variants)) {
      add('shape', 'it has no variants')
      return findings
    }
    lintVariants(file, key, add)
    lintMetadata(entry.metadata, add)
    const state = states.find((one) => one.key === key)
    const unmet = state && requiresProblem(state, state.meta, states)
    if (unmet !== undefined) add('requires', unmet.message)
    if (percentageOf(key, entry) === undefined)
      add('handmade', 'its targeting is not the one this program writes: seed, order or weights differ')
    for (const value of [...segmentsOf(entry).users, ...textsOf(entry.targeting)])
      if (PERSONAL.test(value)) add('personal-data', 'its targeting names a person by e-mail or phone')
    if (entry.state === 'DISABLED')
      add('disabled', 'DISABLED gives every caller its own default: kill it instead')
    return findings.filter((one, index) => findings.findIndex(({ code }) => code === one.code) === index)
  })
}

type Add = (code: string, message: string) => void

function lintVariants(file: FlagFile, key: string, add: Add): void {
  const entry = file.flags[key]
  if (entry === undefined) return
  const names = Object.keys(entry.variants)
  if (!names.includes(entry.defaultVariant))
    add('default-variant', `its default "${entry.defaultVariant}" is none of its variants`)
  // The outer buckets of a flag with several arms; the arms themselves are the inner ones.
  const inner = armsOf(entry).arms.length > 1 ? ['in', 'out'] : []
  for (const [name, weight] of weightsOf(entry.targeting)) {
    if (![...names, ...inner].includes(name))
      add('unknown-variant', `it gives users the variant "${name}", which is not there`)
    if (!Number.isInteger(weight) || weight < 0)
      add('weight', `${weight} is not a weight: 0 or a positive integer`)
  }
  try {
    evaluateText(JSON.stringify(file), key, sampleUsers(1000))
  } catch (error) {
    add('evaluation', messageOf(error))
  }
}

function lintMetadata(metadata: unknown, add: Add): void {
  const meta = isRecord(metadata) ? metadata : {}
  for (const name of ['owner', 'type', 'created'])
    if (typeof meta[name] !== 'string' || meta[name] === '') add(`no-${name}`, `its metadata has no ${name}`)
  const type = meta['type']
  if (typeof type === 'string' && type !== '' && !FLAG_TYPES.some((one) => one === type))
    add('type', `its type "${type}" is none of ${FLAG_TYPES.join(', ')}`)
}

function weightsOf(rule: unknown): [string, number][] {
  if (Array.isArray(rule)) return rule.flatMap(weightsOf)
  if (!isRecord(rule)) return []
  const buckets = rule['fractional']
  if (!Array.isArray(buckets)) return Object.values(rule).flatMap(weightsOf)
  return buckets
    .filter((bucket): bucket is unknown[] => Array.isArray(bucket))
    .map(([name, weight]) => [String(name), Number(weight)])
}

function textsOf(rule: unknown): string[] {
  if (typeof rule === 'string') return [rule]
  if (Array.isArray(rule)) return rule.flatMap(textsOf)
  return isRecord(rule) ? Object.values(rule).flatMap(textsOf) : []
}
