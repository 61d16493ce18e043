import { defineCommand, flag, many, optional, required, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { choice, filePath, integer, string } from '../../../runner/kit/types.ts'
import { rm } from 'node:fs/promises'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import { type ChangeRequest, changeFlag, commit, existing, loadState } from './change-flag.ts'
import { FLAG_TYPES, type FlagState } from './flag-model.ts'
import { CHANGE, KEY, WHERE, keyOf, needs, percent, providerOf, requestOf } from './flag-options.ts'
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
      created: new Date().toISOString(),
      percentage: options.on ? 100 : 0,
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

const TAKE_AWAY = { takeAway: flag('Let users lose the feature, which is refused otherwise.') }

export const set = defineCommand({
  name: 'set',
  summary: 'Give the feature to a share of the users, read it back, and prove it with 10,000 users.',
  args: {},
  options: { percent: required(percent, 'Share of users, to 0.001.'), ...TAKE_AWAY, ...CHANGE },
  effect: 'write',
  examples: ['runbook flags set --key ui_new_total --percent 10 --save before.json'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const request = requestOf(options, dryRun)
    const percentage = options.percent
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
    'Add --take-away if that is meant, or use `flags.ts kill` to turn it off for everybody.',
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
    ...TAKE_AWAY,
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const request = requestOf(options, dryRun)
    needs(request.provider, 'segments')
    const personal = options.user.find((user) => /@|^\+?\d[\d -]{6,}$/.test(user))
    if (personal !== undefined)
      throw new CliError(
        exit.usage,
        'A user is named by an e-mail address or a phone number: flag files are in git for ever, and read by everybody',
        'Use the id of the account.',
      )
    const before = await existing(request)
    const { percentage, version, named } = before
    const kept = [...options.user, ...options.group]
    const lost = [...named.users, ...named.groups].filter((name) => !kept.includes(name))
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
    const request = requestOf(options, dryRun)
    const file = options.from
    const to = await loadState(file, request.key)
    const outcome = await changeFlag(request, to.percentage, (change) => request.provider.restore(change, to))
    if (!request.dryRun) await rm(file, { force: true })
    return outcome
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
    const request = requestOf(options, dryRun)
    const { provider, key, environment } = request
    const state = await existing(request)
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
