import { parseArgs } from 'node:util'
import { usageFailure } from './failure.ts'
import { suggestion } from './suggest.ts'

/** One flag: its type, what stands for its value in the help text, and a sentence. */
export interface Option {
  type: 'string' | 'boolean'
  /** May be given more than once; the values arrive as a list. */
  multiple?: true
  /** The word for the value in the help text, such as `URL`. */
  value?: string
  help: string
}

export type Options = Record<string, Option>

type ValueOf<O extends Option> = O extends { type: 'boolean' }
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : string

/** The values of the flags that were given; a flag that was not given is absent. */
export type Values<O extends Options> = { [K in keyof O]?: ValueOf<O[K]> }

/** Flags every program takes. */
export const COMMON = {
  json: { type: 'boolean', help: 'Print one JSON document on standard output.' },
  help: { type: 'boolean', help: 'Print this text.' },
} as const satisfies Options

/** The flag of every program that could change something. */
export const DRY_RUN = {
  'dry-run': { type: 'boolean', help: 'Read, print what would happen, and change nothing.' },
} as const satisfies Options

/**
 * Reads flags and positionals, strictly.
 * @param positionals names of the positionals that must be there, in order
 * @throws {Failure} usage, for an unknown or repeated flag, a missing value, or a missing or extra positional
 */
export function parseFlags<O extends Options>(
  argv: readonly string[],
  options: O,
  positionals: readonly string[] = [],
): { values: Values<O>; positionals: string[] } {
  refuseUnknownAndRepeated(argv, options)
  const parsed = strictParse(argv, options)
  if (!parsed.values['help']) checkPositionals(parsed.positionals, positionals)
  return { values: parsed.values as Values<O>, positionals: parsed.positionals }
}

function refuseUnknownAndRepeated(argv: readonly string[], options: Options): void {
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (option === undefined || token.rawName !== `--${token.name}`) {
      throw usageFailure(
        `Unknown flag ${token.rawName}.`,
        'Nothing runs on a misspelt flag.',
        suggestion(token.name, Object.keys(options), '--'),
      )
    }
    if (seen.has(token.name) && option.multiple !== true) {
      throw usageFailure(
        `${token.rawName} is given twice.`,
        'Only one of the two values could be used.',
        `Give ${token.rawName} once.`,
      )
    }
    seen.add(token.name)
  }
}

function strictParse(argv: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw usageFailure('The flags could not be read.', message, 'See --help.')
  }
}

function checkPositionals(given: readonly string[], wanted: readonly string[]): void {
  const extra = given[wanted.length]
  if (extra !== undefined)
    throw usageFailure(
      `Unexpected argument "${extra}".`,
      `Expected ${wanted.length === 0 ? 'flags only' : wanted.join(' ')}.`,
      'Quote a value that contains spaces, or see --help.',
    )
  const missing = wanted[given.length]
  if (missing !== undefined)
    throw usageFailure(`Missing argument ${missing}.`, 'It has no default.', 'See --help.')
}
