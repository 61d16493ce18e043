import { defineCommand, flag, many, optional, required, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { assignment, choice, day, filePath, integer, string } from '../../../runner/kit/types.ts'
import { rm } from 'node:fs/promises'
import { ProblemError, failure, success, orThrow } from '../../../runner/model/problem.ts'
import type { Outcome } from '../../../runner/model/problem.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import {
  type ChangeRequest,
  type KeptState,
  changeFlag,
  commit,
  existing,
  loadState,
  told,
} from './change-flag.ts'
import { FLAG_TYPES } from './flag-model.ts'
import type { FlagState, NewMeta, Variants } from './flag-model.ts'
import { CHANGE, KEY, WHERE, keyList, keyOf, needs, percent, providerOf, requestOf } from './flag-options.ts'
import {
  archiveProblem,
  changeProblem,
  checking,
  expiryOf,
  requiresProblem,
  restoreProblem,
  stageProblem,
} from './flag-rules.ts'
import { evaluateSample } from './prove.ts'
import { FULL_DAYS, codeReferences, days } from './stale.ts'

/** A share of this many users is told as a number of people. */
const OUT_OF = 10_000

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

const AFTER_KILL = flag('The flag was killed and may be on again; needs --comment.')

/** The decision on a killed flag has a reason. @throws {CliError} usage */
function rulesOf({ afterKill, comment }: { afterKill: boolean; comment?: string | undefined }): {
  now: number
  afterKill: boolean
} {
  if (afterKill) needed(comment, '--comment')
  return { now: Date.now(), afterKill }
}

const TAKE_AWAY = { takeAway: flag('Let users lose the feature, which is refused otherwise.') }

export const set = defineCommand({
  name: 'set',
  summary: 'Give the feature to a share of the users, read it back, and prove it with 10,000 users.',
  args: {},
  options: {
    percent: required(percent, 'Share of users, to 0.001.'),
    from: optional(percent, 'Refuse when fewer users have it now: somebody has turned it off.'),
    afterKill: AFTER_KILL,
    ...TAKE_AWAY,
    ...CHANGE,
  },
  effect: 'write',
  examples: ['runbook flags set --key ui_new_total --percent 10 --save before.json'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const percentage = options.percent
    const rules = rulesOf(options)
    const check = checking(
      (state, all) =>
        stageProblem(state, options.from) ??
        changeProblem(state, { percentage, named: state.named }, all, rules),
    )
    const request = requestOf(options, dryRun, check)
    if (percentage !== 0 && percentage !== 100) needs(request.provider, 'percentage')
    const before = await existing(request)
    if (!options.takeAway) await refuseLoss(request, before, percentage)
    const decided = { ...request, ifVersion: request.ifVersion ?? before.version }
    return await changeFlag(decided, percentage, (change) =>
      request.provider.setPercentage(change, percentage),
    )
  },
})

/** @throws {CliError} when users who have the feature would lose it */
async function refuseLoss(
  { provider, key, environment }: ChangeRequest,
  before: FlagState,
  percentage: number,
): Promise<void> {
  // Rules that were written by hand have no percentage: their share is measured.
  const share = Number.isNaN(before.percentage)
    ? shareOf(await evaluateSample(provider, key, environment))
    : before.percentage
  if (percentage >= share) return
  const lost = Math.round(((share - percentage) / 100) * OUT_OF)
  throw new CliError(
    exit.failed,
    `${lost} of every ${OUT_OF} users would lose ${key}: it is on for ${share} %, and ${percentage} % was asked for`,
    'Add --take-away if that is meant, or use `runbook flags kill` to turn it off for everybody.',
  )
}

function shareOf(sample: readonly boolean[]): number {
  return (sample.filter(Boolean).length / sample.length) * 100
}

export const target = defineCommand({
  name: 'target',
  summary: 'Name users and groups who are on whatever the percentage. Replaces those named before.',
  args: {},
  options: {
    user: many(string('id'), 'A user; never an e-mail address or a phone number.'),
    group: many(string('name'), 'A group, such as beta.'),
    afterKill: AFTER_KILL,
    ...TAKE_AWAY,
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const rules = rulesOf(options)
    const named = { users: options.user, groups: options.group }
    const check = checking((state, all) =>
      changeProblem(state, { percentage: state.percentage, named }, all, rules),
    )
    const request = requestOf(options, dryRun, check)
    needs(request.provider, 'segments')
    const personal = options.user.find((user) => /@|^\+?\d[\d -]{6,}$/.test(user))
    if (personal !== undefined)
      throw new CliError(
        exit.usage,
        'A user is named by an e-mail address or a phone number: flag files are in git for ever, and read by everybody',
        'Use the id of the account.',
      )
    const before = await existing(request)
    const { percentage, version } = before
    const kept = [...options.user, ...options.group]
    const lost = [...before.named.users, ...before.named.groups].filter((name) => !kept.includes(name))
    if (lost.length > 0 && !options.takeAway)
      throw new CliError(
        exit.failed,
        `${lost.join(', ')} would no longer be named by ${request.key}, and may lose it`,
        'Name them too, or add --take-away if that is meant.',
      )
    const decided = { ...request, ifVersion: request.ifVersion ?? version }
    return await changeFlag(decided, percentage, (change) =>
      request.provider.target(change, options.user, options.group),
    )
  },
})

export const restore = defineCommand({
  name: 'restore',
  summary: 'Restore the state that --save kept, and prove it.',
  args: {},
  options: {
    from: required(filePath('file'), 'The file that --save wrote.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const file = options.from
    const to = await loadState(file, options.key)
    const check = checking((_, all) => restoreProblem(to, all))
    const request = requestOf(options, dryRun, check)
    const outcome = await restoreKept(request, to)
    if (!dryRun) await rm(file, { force: true })
    return outcome
  },
})

async function restoreKept(request: ChangeRequest, to: KeptState): Promise<CommandReport> {
  const { provider, key, environment } = request
  const before = await existing({ provider, key, environment })
  // A rollout that takes itself back must not bring back what somebody has turned off meanwhile.
  if (before.isKilled && to.on && to.killedWith === undefined)
    return told('=', before, before, undefined, {
      ms: 0,
      note: `it was killed at ${before.meta.killed}, after this state was kept: it stays off`,
    })
  const kept = to.killedWith ?? []
  const killed =
    kept.length === 0 ? [] : (await provider.list(environment)).filter(({ isKilled }) => isKilled)
  const also = kept.filter((one) => killed.some(({ key: other }) => other === one.key))
  return await changeFlag(request, to.percentage, (change) => provider.restore(change, to, also))
}

export const describe = defineCommand({
  name: 'describe',
  summary: 'Changes the owner, the last day, the requirements and other facts of a flag; users get the same.',
  args: {},
  options: {
    owner: optional(string('team'), 'Who retires it.'),
    type: optional(choice(FLAG_TYPES), 'Decides how long it may live.'),
    description: optional(string('text'), 'The feature that the flag controls.'),
    expires: optional(day, 'Last day on which more users get it.'),
    requires: optional(keyList, 'Flags that its feature needs, with commas between them, or none.'),
    tag: many(string('name'), 'Such as iteration:I5. Replaces the tags.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: ['runbook flags describe --key ui_new_total --requires ui_cart'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { owner, type, description, expires, requires, tag } = options
    const about: Partial<NewMeta> = {
      ...(owner !== undefined && { owner }),
      ...(type !== undefined && { type }),
      ...(description !== undefined && { description }),
      ...(expires !== undefined && { expires }),
      ...(requires !== undefined && { requires }),
      ...(tag.length > 0 && { tags: tag }),
    }
    if (Object.keys(about).length === 0)
      throw new CliError(
        exit.usage,
        'There is nothing to change',
        'Give --owner, --expires, --requires or another fact.',
      )
    const check = checking((state, all) =>
      about.requires === undefined ? undefined : requiresProblem(state, about, all),
    )
    const request = requestOf(options, dryRun, check)
    needs(request.provider, 'metadata')
    const { percentage } = await existing(request)
    return await changeFlag(request, percentage, (change) => request.provider.describe(change, about))
  },
})

export const archive = defineCommand({
  name: 'archive',
  summary:
    'Remove a flag. Refuses while code asks for it, and until it has been on for everybody, or for nobody, long enough.',
  args: {},
  options: {
    repository: required(filePath('folder'), 'Checkout whose code must not name the flag.'),
    settledFor: withDefault(
      integer(1, 3650, 'days'),
      String(FULL_DAYS),
      'Days it must have been on for everybody, or for nobody.',
    ),
    early: flag('Archive it before that; needs --comment.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const check = checking(archiveProblem)
    const request = requestOf(options, dryRun, check)
    const { provider, key, environment } = request
    const state = await existing(request)
    check(state, provider.capabilities.metadata ? await provider.list(environment) : [state])
    if (options.early) needed(options.comment, '--comment')
    else refuseUnsettled(state, options.settledFor)
    const repository = options.repository
    const references = (await codeReferences(repository, [key])).get(key) ?? []
    if (references.length > 0)
      throw new CliError(
        exit.failed,
        `${key} is still in the code: ${references.length} places name it:\n         ${references.slice(0, 20).join('\n         ')}`,
        'Remove them, deploy, and wait until nobody evaluates it.',
      )
    if (dryRun)
      return { document: { ok: true, changed: false }, text: `$ would archive ${key} in ${environment}\n` }
    const change = {
      key,
      environment,
      comment: request.comment,
      check,
      ifVersion: request.ifVersion ?? state.version,
    }
    await provider.archive(change)
    const left = await provider.get(key, environment)
    if (left !== undefined && !left.archived)
      throw new CliError(
        exit.failed,
        `${key} is still there: it was read back after it was archived`,
        'Look at the provider.',
      )
    const note = request.commit ? await commit(request) : ''
    return { document: { ok: true, changed: true, note }, text: `+ archived ${key} in ${environment}\n` }
  },
})

/** @throws {CliError} when a flag was not the same for all users, long enough */
function refuseUnsettled({ key, percentage, named, meta }: FlagState, wanted: number): void {
  const since = meta.changed || meta.created
  const held = since === '' ? undefined : days(Date.now(), since)
  const forNobody = percentage === 0 && named.users.length + named.groups.length === 0
  if ((percentage === 100 || forNobody) && held !== undefined && held >= wanted) return
  throw new CliError(
    exit.failed,
    `${key} is too young to be archived: it is on for ${percentage} % of the users, ${held === undefined ? 'since an unknown day' : `for ${held} days`}; expected 100 % or nobody for ${wanted} days`,
    'Wait, or add --early and say why with --comment.',
  )
}
