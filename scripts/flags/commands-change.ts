import { rm } from 'node:fs/promises'
import { DRY_RUN } from '../lib/args.ts'
import { type Outcome, command } from '../lib/command.ts'
import { Failure, usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'
import { duration, httpUrl, required } from '../lib/values.ts'
import { type ChangeRequest, changeFlag, commit, existing, loadState } from './change.ts'
import { FLAG_TYPES, type FlagProvider, type FlagState, type FlagType } from './model.ts'
import {
  CHANGE,
  KEY,
  WHERE,
  environmentOf,
  keyOf,
  needs,
  percentOf,
  providerOf,
  requestOf,
} from './options.ts'
import { evaluateSample, sampleUsers } from './prove.ts'
import { untilOff } from './probe.ts'
import { codeReferences } from './stale.ts'

const PROBED_USERS = 200
/** A kill is promised to be seen within a minute. */
const KILL_MS = '60s'

export const create = command({
  summary: 'makes a new flag. It starts off; only outside production it may start on.',
  options: {
    ...KEY,
    owner: { type: 'string', value: 'TEAM', help: 'Who retires it.' },
    type: { type: 'string', value: 'TYPE', help: `One of ${FLAG_TYPES.join(', ')} (default release).` },
    description: { type: 'string', value: 'TEXT', help: 'What it turns on.' },
    tag: { type: 'string', multiple: true, value: 'NAME', help: 'Such as iteration:I5; again for more.' },
    on: { type: 'boolean', help: 'On for everybody. Refused in production.' },
    ...DRY_RUN,
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const provider = providerOf(values)
    const key = keyOf(values.key, provider.id)
    const environment = environmentOf(values)
    if (values.on === true && environment.startsWith('prod'))
      throw usageFailure(
        'A new flag does not start on in production.',
        'Nobody has tried it there yet.',
        'Create it without --on, then use the runbook feature-flag-rollout.',
      )
    const flag = {
      key,
      environment,
      owner: required(values.owner, '--owner'),
      type: typeOf(values.type ?? 'release'),
      description: values.description ?? '',
      tags: values.tag ?? [],
      created: new Date().toISOString(),
      percentage: values.on === true ? 100 : 0,
    }
    if (values['dry-run'] === true)
      return {
        document: { ok: true, dryRun: true, flag },
        text: `$ would create ${key} in ${environment}, ${flag.percentage} %\n`,
      }
    await provider.create(flag)
    const state = await existing({ provider, key, environment })
    return {
      document: { ok: true, state },
      text: `+ created  ${key} in ${environment}, ${state.percentage} %\n`,
    }
  },
})

function typeOf(text: string): FlagType {
  const found = FLAG_TYPES.find((type) => type === text)
  if (found !== undefined) return found
  throw usageFailure(`Unknown type "${text}".`, 'Its life span depends on it.', suggestion(text, FLAG_TYPES))
}

export const set = command({
  summary: 'gives the feature to a share of the users, reads it back, and proves it with 10,000 users.',
  options: { percent: { type: 'string', value: 'N', help: 'Share of users, 0 to 100.' }, ...CHANGE } as const,
  examples: ['node scripts/flags.ts set --key ui_new_total --percent 10 --save before.json'],
  async run(values): Promise<Outcome> {
    const request = requestOf(values)
    const percentage = percentOf(values.percent)
    if (percentage !== 0 && percentage !== 100) needs(request.provider, 'percentage')
    return await changeFlag(request, percentage, (change) =>
      request.provider.setPercentage(change, percentage),
    )
  },
})

export const target = command({
  summary: 'names users and groups who are on whatever the percentage. Replaces those named before.',
  options: {
    user: {
      type: 'string',
      multiple: true,
      value: 'ID',
      help: 'A user; never an e-mail address or a phone number.',
    },
    group: { type: 'string', multiple: true, value: 'NAME', help: 'A group, such as beta.' },
    ...CHANGE,
  } as const,
  async run(values): Promise<Outcome> {
    const request = requestOf(values)
    needs(request.provider, 'segments')
    const personal = (values.user ?? []).find((user) => /@|^\+?\d[\d -]{6,}$/.test(user))
    if (personal !== undefined)
      throw usageFailure(
        'A user is named by an e-mail address or a phone number.',
        'Flag files are in git for ever, and read by everybody.',
        'Use the id of the account.',
      )
    const { percentage } = await existing(request)
    return await changeFlag(request, percentage, (change) =>
      request.provider.target(change, values.user ?? [], values.group ?? []),
    )
  },
})

const PROBE = {
  probe: {
    type: 'string',
    value: 'URL',
    help: 'Ask the running program too: URL?user=ID answers {"KEY": true}.',
  },
  within: { type: 'string', value: 'TIME', help: `How soon nobody may be on any more (default ${KILL_MS}).` },
} as const

export const kill = command({
  summary: 'turns a flag off for everybody, at once. Asks nobody; the reason can wait.',
  options: {
    all: { type: 'boolean', help: 'Every flag of the environment; with --tag those with the tag.' },
    tag: { type: 'string', value: 'NAME', help: 'With --all: only flags with this tag.' },
    ...PROBE,
    ...CHANGE,
  } as const,
  examples: [
    'node scripts/flags.ts kill --key ui_new_total',
    'node scripts/flags.ts kill --all --tag team:web',
  ],
  async run(values): Promise<Outcome> {
    const limit = duration(values.within ?? KILL_MS, '--within')
    const probe = values.probe === undefined ? undefined : httpUrl(values.probe, '--probe')
    if (values.all !== true) return await killOne(requestOf(values), probe, limit)
    const provider = providerOf(values)
    const meant = await flagsWith(provider, environmentOf(values), values.tag)
    const flags = meant.filter(({ on }) => on)
    const outcomes: Outcome[] = []
    for (const { key } of flags)
      outcomes.push(await killOne(requestOf({ ...values, key, 'if-version': '', save: '' }), probe, limit))
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
  throw new Failure(
    tag === undefined ? `There are no flags in ${environment}.` : `No flag has the tag ${tag}.`,
    `${provider.where(environment)} was read${tags.length === 0 ? '' : `; its tags are ${tags.join(', ')}`}.`,
    'Nothing was turned off. Check --dir, --environment and --tag.',
  )
}

async function killOne(request: ChangeRequest, probe: string | undefined, limitMs: number): Promise<Outcome> {
  const started = performance.now()
  const plain = { ...request, ifVersion: request.ifVersion || undefined, save: request.save || undefined }
  await existing(plain)
  const on = request.dryRun ? [] : await usersOn(plain)
  const outcome = await changeFlag(plain, 0, (change) => request.provider.kill(change))
  if (probe === undefined || request.dryRun) return outcome
  const ms = await untilOff(probe, request.key, on, started, limitMs)
  if (ms === undefined)
    throw new Failure(
      `${request.key} is off where it is stored, but the program still gives it to users.`,
      `${probe} was asked for ${limitMs} ms.`,
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

export const restore = command({
  summary: 'brings back the state that --save kept, and proves it.',
  options: {
    from: { type: 'string', value: 'FILE', help: 'The file that --save wrote.' },
    ...CHANGE,
  } as const,
  async run(values): Promise<Outcome> {
    const request = requestOf(values)
    const file = required(values.from, '--from')
    const to = await loadState(file, request.key)
    const outcome = await changeFlag(request, to.percentage, (change) => request.provider.restore(change, to))
    if (!request.dryRun) await rm(file, { force: true })
    return outcome
  },
})

export const archive = command({
  summary: 'takes a flag away. Refuses while code still asks for it.',
  options: {
    repository: { type: 'string', value: 'DIR', help: 'Checkout whose code must not name the flag.' },
    ...CHANGE,
  } as const,
  async run(values): Promise<Outcome> {
    const request = requestOf(values)
    const { provider, key, environment, dryRun } = request
    const state = await existing(request)
    const repository = required(values.repository, '--repository')
    const references = (await codeReferences(repository, [key])).get(key) ?? []
    if (references.length > 0)
      throw new Failure(
        `${key} is still in the code.`,
        `${references.length} places name it:\n         ${references.slice(0, 20).join('\n         ')}`,
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
      throw new Failure(
        `${key} is still there.`,
        'It was read back after it was archived.',
        'Look at the provider.',
      )
    const note = request.commit ? await commit(request) : ''
    return { document: { ok: true, changed: true, note }, text: `+ archived ${key} in ${environment}\n` }
  },
})
