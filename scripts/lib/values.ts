import { parseDuration } from '../../runner/model/duration.ts'
import { usageFailure } from './failure.ts'

/** The value of a flag that must be given. @throws {Failure} usage */
export function required(value: string | undefined, flag: string): string {
  if (value !== undefined && value.trim() !== '') return value
  throw usageFailure(`${flag} is missing.`, 'It has no default.', `Give ${flag} a value; see --help.`)
}

/** The values of environment variables that must be set, in this order. @throws {Failure} usage, naming every missing one */
export function requiredEnv<const Names extends readonly string[]>(
  names: Names,
): { [Index in keyof Names]: string } {
  const missing = names.filter((name) => (process.env[name] ?? '').trim() === '')
  if (missing.length === 0) return names.map((name) => process.env[name]) as never
  throw usageFailure(
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`,
    'Secrets and accounts come from the environment.',
    `Set ${missing.length === 1 ? 'it' : 'them'}: export ${missing.map((name) => `${name}=…`).join(' ')}`,
  )
}

const WEEK_MS = 7 * 24 * 3_600_000

/** Milliseconds from `500ms`, `30s` or `1h30m`; above zero, at most a week. @throws {Failure} usage */
export function duration(text: string, flag: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0 && ms <= WEEK_MS) return ms
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    'Expected a time of at most a week.',
    `Write it with its unit: ${flag} 30s, 500ms or 1h30m.`,
  )
}

/** A share above 0 and at most 1, from `5%` or `0.05`. @throws {Failure} usage */
export function share(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (value > 0 && value <= 1) return value
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    'Expected a share above 0 % and at most 100 %.',
    `Write it as ${flag} 5% or ${flag} 0.05.`,
  )
}

/** An integer within a range, both ends included. @throws {Failure} usage */
export function integer(text: string, flag: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    `Expected an integer from ${min} to ${max}.`,
    `Write it as ${flag} ${Math.max(min, Math.min(max, 10))}.`,
  )
}

/** A version in the form X.Y.Z with an optional pre-release, without a leading v. @throws {Failure} usage */
export function version(text: string, flag: string): string {
  if (/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/.test(text)) return text
  const remedy = /^v\d/.test(text)
    ? `Write it without the v: ${flag} ${text.slice(1)}.`
    : `Write it as ${flag} 1.4.0.`
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    'Expected a version in the form X.Y.Z.',
    remedy,
  )
}

/** An http or https address without a trailing slash. @throws {Failure} usage */
export function httpUrl(text: string, flag: string): string {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return text.replace(/\/+$/, '')
  throw usageFailure(
    `Unexpected value "${text}" for ${flag}.`,
    'Expected an http or https address.',
    `Write it in full, such as ${flag} http://127.0.0.1:47100.`,
  )
}
