import { defineCommand, flag, many, optional, required, withDefault } from '../../runner/kit/command.ts'
import type { Report } from '../../runner/kit/command.ts'
import { choice, duration, filePath, httpUrl, integer, string } from '../../runner/kit/types.ts'
import { rm } from 'node:fs/promises'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { needed } from '../../runner/kit/values.ts'
import { type ChangeRequest, changeFlag, commit, existing, loadState } from './change.ts'
import { FLAG_TYPES, type FlagProvider, type FlagState } from './model.ts'
import { CHANGE, CHANGES, KEY, WHERE, keyOf, needs, providerOf, requestOf } from './options.ts'
import { evaluateSample, sampleUsers } from './prove.ts'
import { untilOff } from './probe.ts'
import { codeReferences } from './stale.ts'

const PROBED_USERS = 200
/** A kill is promised to be seen within a minute. */
const KILL_MS = '60s'

export const create = defineCommand({
  name: 'create',
  summary: 'Makes a new flag. It starts off; only outside production it may start on.',
  args: {},
  options: {
    ...KEY,
    owner: required(string('team'), 'Who retires it.'),
    type: withDefault(choice(FLAG_TYPES), 'release', 'Decides how long it may live.'),
    description: optional(string('text'), 'What it turns on.'),
    tag: many(string('name'), 'Such as iteration:I5.'),
    on: flag('On for everybody. Refused in production.'),

    ...WHERE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<Report> {
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

export const set = defineCommand({
  name: 'set',
  summary: 'Gives the feature to a share of the users, reads it back, and proves it with 10,000 users.',
  args: {},
  options: { percent: required(integer(0, 100, 'percent'), 'Share of users.'), ...CHANGE },
  effect: 'write',
  examples: ['node scripts/flags.ts set --key ui_new_total --percent 10 --save before.json'],
  async run({ options, dryRun }): Promise<Report> {
    const request = requestOf(options, dryRun)
    const percentage = options.percent
    if (percentage !== 0 && percentage !== 100) needs(request.provider, 'percentage')
    return await changeFlag(request, percentage, (change) =>
      request.provider.setPercentage(change, percentage),
    )
  },
})

export const target = defineCommand({
  name: 'target',
  summary: 'Names users and groups who are on whatever the percentage. Replaces those named before.',
  args: {},
  options: {
    user: many(string('id'), 'A user; never an e-mail address or a phone number.'),
    group: many(string('name'), 'A group, such as beta.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<Report> {
    const request = requestOf(options, dryRun)
    needs(request.provider, 'segments')
    const personal = options.user.find((user) => /@|^\+?\d[\d -]{6,}$/.test(user))
    if (personal !== undefined)
      throw new CliError(
        exit.usage,
        'A user is named by an e-mail address or a phone number: flag files are in git for ever, and read by everybody',
        'Use the id of the account.',
      )
    const { percentage } = await existing(request)
    return await changeFlag(request, percentage, (change) =>
      request.provider.target(change, options.user, options.group),
    )
  },
})

const PROBE = {
  probe: optional(httpUrl, 'Ask the running program too: URL?user=ID answers {"KEY": true}.'),
  within: withDefault(duration(), KILL_MS, 'How soon nobody may be on any more.'),
}

export const kill = defineCommand({
  name: 'kill',
  summary: 'Turns a flag off for everybody, at once. Asks nobody; the reason can wait.',
  args: {},
  options: {
    all: flag('Every flag of the environment; with --tag those with the tag.'),
    tag: optional(string('name'), 'With --all: only flags with this tag.'),
    ...PROBE,
    ...CHANGES,
    key: optional(string('key'), 'The flag, such as ui_new_total.'),
  },
  effect: 'write',
  examples: [
    'node scripts/flags.ts kill --key ui_new_total',
    'node scripts/flags.ts kill --all --tag team:web',
  ],
  async run({ options, dryRun }): Promise<Report> {
    const limit = options.within
    const { key: one, probe } = options
    if (!options.all)
      return await killOne(requestOf({ ...options, key: needed(one, '--key') }, dryRun), probe, limit)
    const provider = providerOf(options)
    const meant = await flagsWith(provider, options.environment, options.tag)
    const flags = meant.filter(({ on }) => on)
    const outcomes: Report[] = []
    for (const { key } of flags)
      outcomes.push(
        await killOne(
          requestOf({ ...options, key, ifVersion: undefined, save: undefined }, dryRun),
          probe,
          limit,
        ),
      )
    return {
      document: {
        ok: true,
        killed: flags.map(({ key }) => key),
        results: outcomes.map(({ document }) => document),
      },
      text: outcomes.map(({ text }) => text).join('') + `${flags.length} flags killed\n`,
    }
  },
})

// Nobody kills nothing on purpose: the folder, the environment or the tag is another one than was meant.
async function flagsWith(
  provider: FlagProvider,
  environment: string,
  tag: string | undefined,
): Promise<FlagState[]> {
  const all = await provider.list(environment)
  const found = all.filter(({ meta }) => tag === undefined || meta.tags.includes(tag))
  if (found.length > 0) return found
  const tags = [...new Set(all.flatMap(({ meta }) => meta.tags))]
  throw new CliError(
    exit.failed,
    `${tag === undefined ? `There are no flags in ${environment}.` : `No flag has the tag ${tag}.`}: ${provider.where(environment)} was read${tags.length === 0 ? '' : `; its tags are ${tags.join(', ')}`}`,
    'Nothing was turned off. Check --dir, --environment and --tag.',
  )
}

async function killOne(request: ChangeRequest, probe: string | undefined, limitMs: number): Promise<Report> {
  const started = performance.now()
  await existing(request)
  const on = request.dryRun ? [] : await usersOn(request)
  const outcome = await changeFlag(request, 0, (change) => request.provider.kill(change))
  if (probe === undefined || request.dryRun) return outcome
  const ms = await untilOff(probe, request.key, on, started, limitMs)
  if (ms === undefined)
    throw new CliError(
      exit.failed,
      `${request.key} is off where it is stored, but the program still gives it to users: ${probe} was asked for ${limitMs} ms`,
      'Restart the program, or take the release back: it does not read its flags.',
    )
  return {
    document: { ...outcome.document, seenOffAfterMs: ms },
    text: `${outcome.text}  seen     off for ${on.length} users who were on, after ${ms} ms\n`,
  }
}

async function usersOn({ provider, key, environment }: ChangeRequest): Promise<string[]> {
  const on = await evaluateSample(provider, key, environment)
  return sampleUsers()
    .filter((_, index) => on[index])
    .slice(0, PROBED_USERS)
    .map(({ targetingKey }) => targetingKey)
}

export const restore = defineCommand({
  name: 'restore',
  summary: 'Brings back the state that --save kept, and proves it.',
  args: {},
  options: {
    from: required(filePath('file'), 'The file that --save wrote.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<Report> {
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
  summary: 'Takes a flag away. Refuses while code still asks for it.',
  args: {},
  options: {
    repository: required(filePath('folder'), 'Checkout whose code must not name the flag.'),
    ...CHANGE,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<Report> {
    const request = requestOf(options, dryRun)
    const { provider, key, environment } = request
    const state = await existing(request)
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
