import { defineCommand, flag, many, optional, required, withDefault } from '../../../../runner/kit/command.ts'
import type { CommandReport } from '../../../../runner/kit/command.ts'
import { assignment, choice, day, string } from '../../../../runner/kit/types.ts'
import { ProblemError, failure, success, orThrow } from '../../../../runner/model/problem.ts'
import type { Outcome } from '../../../../runner/model/problem.ts'
import { CliError } from '../../../../runner/kit/error.ts'
import { exit } from '../../../../runner/kit/exit.ts'
import { existing } from '../change-flag.ts'
import { FLAG_TYPES } from '../flag-model.ts'
import type { Variants } from '../flag-model.ts'
import { KEY, WHERE, keyList, keyOf, needs, providerOf } from '../flag-options.ts'
import { expiryOf, requiresProblem } from '../flag-rules.ts'

export const create = defineCommand({
  name: 'create',
  summary: 'Make a new flag. It starts off; only outside production it may start on.',
  args: {},
  options: {
    ...KEY,
    owner: required(string('team'), 'Who retires it.'),
    type: withDefault(choice(FLAG_TYPES), 'release', 'Decides how long it may live.'),
    description: optional(string('text'), 'The feature that the flag controls.'),
    tag: many(string('name'), 'Such as iteration:I5.'),
    requires: withDefault(keyList, 'none', 'Flags that its feature needs, with commas between them.'),
    expires: optional(day, 'Last day on which more users get it. Default: by its type.'),
    values: withDefault(
      choice(['boolean', 'text', 'number', 'object']),
      'boolean',
      'The type of the values.',
    ),
    variant: many(assignment, 'NAME=VALUE, at least two; without it: on=true and off=false.'),
    off: optional(string('name'), 'The variant that everybody gets when it is off. Default: the first.'),
    on: flag('On for everybody. Refused in production.'),

    ...WHERE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const provider = providerOf(options)
    const key = keyOf(options.key, provider.id)
    const environment = options.environment
    if (options.on && environment.startsWith('prod'))
      throw new CliError(
        exit.usage,
        'A new flag does not start on in production: nobody has tried it there yet',
        'Create it without --on, then use the runbook feature-flag-rollout.',
      )
    const made = {
      key,
      environment,
      owner: options.owner,
      type: options.type,
      description: options.description ?? '',
      tags: options.tag,
      requires: options.requires,
      expires: options.expires ?? expiryOf(options.type, Date.now()),
      created: new Date().toISOString(),
      percentage: options.on ? 100 : 0,
      variants: orThrow(variantsOf(options.values, options.variant, options.off), exit.usage),
    }
    if (made.variants !== undefined) needs(provider, 'variants')
    if (made.requires.length > 0) {
      needs(provider, 'metadata')
      const all = await provider.list(environment)
      const audience = { ...made, named: { users: [], groups: [] } }
      const problem = requiresProblem(audience, made, all)
      if (problem !== undefined) throw new ProblemError(problem)
    }
    if (dryRun)
      return {
        document: { ok: true, dryRun: true, flag: made },
        text: `$ would create ${key} in ${environment}, ${made.percentage} %\n`,
      }
    await provider.create(made)
    const state = await existing({ provider, key, environment })
    return {
      document: { ok: true, state },
      text: `+ created  ${key} in ${environment}, ${state.percentage} %\n`,
    }
  },
})

/** Values as they are written on the command line, in the type of the flag. */
function variantsOf(
  type: 'boolean' | 'text' | 'number' | 'object',
  pairs: readonly [string, string][],
  off: string | undefined,
): Outcome<Variants | undefined> {
  if (pairs.length === 0 && off === undefined && type === 'boolean') return success(undefined)
  const bad = (message: string): Outcome<never> =>
    failure(message, {
      hint: 'For example --values text --variant light=light --variant dark=dark --off light.',
    })
  if (type === 'boolean')
    return bad('A boolean flag has the variants on and off: `--variant` and `--off` do not fit')
  const values: Record<string, unknown> = {}
  for (const [name, text] of pairs) {
    const value = valueOf(type, text)
    if (value === undefined) return bad(`\`${text}\` is not a value of the type ${type}`)
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) return bad(`\`${name}\` is not a name of a variant`)
    if (Object.hasOwn(values, name)) return bad(`The variant \`${name}\` is given twice`)
    values[name] = value
  }
  const names = Object.keys(values)
  const chosen = off ?? pairs[0]?.[0]
  if (names.length < 2) return bad('A flag needs at least two variants')
  if (chosen === undefined || !names.includes(chosen)) return bad(`\`${chosen}\` is not one of the variants`)
  return success({ values, off: chosen })
}

function valueOf(type: 'text' | 'number' | 'object', text: string): unknown {
  if (type === 'text') return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === type && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
