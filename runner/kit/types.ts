import { parseDuration } from '../model/values/duration.ts'
import { expectedOfType } from '../model/values/input-types.ts'
import type { InputSpec } from '../model/values/input-types.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import { suggest } from '../model/suggest.ts'

/** The type of an option or argument: how its text is read, and how help and completion show it. */
export interface ValueType<T> {
  /** The value as help shows it, such as `url` or `text|json`. */
  form: string
  /** The values completion offers: these words, or the names of runbooks or runs. */
  words?: readonly string[] | 'runbooks' | 'runs'
  /** The typed value; the message of a failure says what was expected. */
  read(text: string): Outcome<T>
}

/** A type of a runbook's inputs: an option is read by the same rule as an input. */
function inputType<T>(form: string, spec: InputSpec, convert: (text: string) => T): ValueType<T> {
  return {
    form,
    read(text) {
      const expected = expectedOfType(spec, text)
      return expected === undefined ? success(convert(text)) : failure(expected)
    },
  }
}

const same = (text: string): string => text

/** Any text. */
export function string(form: string): ValueType<string> {
  return inputType(form, { type: 'text' }, same)
}

/** A path as it was written, relative to the working directory; it need not exist. */
export function filePath(form: 'file' | 'folder' | 'path'): ValueType<string> {
  return inputType(form, { type: 'path' }, same)
}

/** A duration such as `90s`, in milliseconds, from `min` to `max`. */
export function duration({ min = 1, max = Infinity } = {}): ValueType<number> {
  return {
    form: 'duration',
    read(text) {
      const ms = parseDuration(text)
      if (ms !== undefined && ms >= min && ms <= max) return success(ms)
      return failure(
        `a duration such as 90s or 1h30m${max === Infinity ? '' : `, at most ${max / 3_600_000}h`}`,
      )
    },
  }
}

/** An integer from `min` to `max`, both included. */
export function integer(min: number, max: number, form = 'number'): ValueType<number> {
  return {
    form,
    read(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN
      return value >= min && value <= max ? success(value) : failure(`an integer from ${min} to ${max}`)
    },
  }
}

/** A share above 0 and at most 1, written as `5%` or `0.05`. */
export const share: ValueType<number> = {
  form: 'share',
  read(text) {
    const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
    const value = number === '' ? NaN : Number(number) / (percent === '%' ? 100 : 1)
    return value > 0 && value <= 1
      ? success(value)
      : failure('a share above 0 % and at most 100 %, such as 5% or 0.05')
  },
}

/** A version without a leading v. */
export const semver: ValueType<string> = inputType('version', { type: 'semver' }, same)

/** An http or https address; a slash at its end is taken away. */
export const httpUrl: ValueType<string> = inputType('url', { type: 'url' }, (text) =>
  text.replace(/\/+$/, ''),
)

/** A day, written as YYYY-MM-DD. */
export const day: ValueType<string> = inputType('day', { type: 'date' }, same)

/** A time in ISO 8601, in milliseconds since 1970. */
export const moment: ValueType<number> = {
  form: 'time',
  read(text) {
    const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
    return Number.isNaN(at) ? failure('a time in ISO 8601, such as 2026-11-21T09:00:00Z') : success(at)
  },
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]): ValueType<W> {
  return {
    form: words.join('|'),
    words,
    read(text) {
      const match = words.find((word) => word === text)
      if (match !== undefined) return success(match)
      const near = suggest(text, words)
      return failure(
        `one of ${words.join(', ')}`,
        near === undefined ? {} : { hint: `Did you mean \`${near}\`?` },
      )
    },
  }
}

/** Words of a closed list, separated by commas or spaces. */
export function wordList<const W extends string>(words: readonly W[]): ValueType<W[]> {
  const one = choice(words)
  return {
    form: 'words',
    read(text) {
      const read: W[] = []
      for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
        const outcome = one.read(word)
        if (!outcome.ok) return outcome
        read.push(outcome.value)
      }
      return success(read)
    },
  }
}

/** `name=value` as a pair. */
export const assignment: ValueType<[string, string]> = {
  form: 'name=value',
  read(text) {
    const equals = text.indexOf('=')
    return equals > 0 ? success([text.slice(0, equals), text.slice(equals + 1)]) : failure('name=value')
  },
}
