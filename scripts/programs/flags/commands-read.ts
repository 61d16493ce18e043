import { defineCommand, many, optional, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { choice, duration, filePath, httpUrl, integer, string, wordList } from '../../../runner/kit/types.ts'
import type { ValueType } from '../../../runner/kit/types.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import { cannotTell } from '../../lib/errors.ts'
import { existing } from './change-flag.ts'
import { compareTraffic, evaluations } from './compare.ts'
import { readFlagFile } from './flagd.ts'
import { lintFile } from './lint-flags.ts'
import { KEY, WHERE, folderOf, keyOf, percent, providerOf } from './flag-options.ts'
import type { Evaluation } from './flag-model.ts'
import { sampleUsers } from './prove.ts'
import { codeReferences, days, staleFlags, unknownKeys } from './stale.ts'
import { counted } from '../../../runner/model/counted.ts'

export const show = defineCommand({
  name: 'show',
  summary: 'Print a flag as its provider has it.',
  args: {},
  options: { ...KEY, ...WHERE },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const provider = providerOf(options)
    const state = await existing({
      provider,
      key: keyOf(options.key, provider.id),
      environment: options.environment,
    })
    const { key, environment, percentage, version, meta } = state
    const more = [
      ...(state.isKilled ? [`killed ${meta.killed}`] : []),
      ...(meta.expires === '' ? [] : [`expires ${meta.expires}`]),
      ...(meta.requires.length === 0 ? [] : [`requires ${meta.requires.join(', ')}`]),
    ]
    const lines = [
      `${key} in ${environment}: ${percentage} %, version ${version}`,
      `  ${meta.type} flag of ${meta.owner}, created ${meta.created}, changed ${meta.changed}`,
      ...(more.length === 0 ? [] : [`  ${more.join(', ')}`]),
      `  ${provider.where(environment)}`,
    ]
    const text = `${lines.join('\n')}\n`
    return { document: state, text }
  },
})

export const list = defineCommand({
  name: 'list',
  summary: 'List the flags of an environment.',
  args: {},
  options: WHERE,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const flags = await providerOf(options).list(options.environment)
    const lines = flags.map(
      ({ key, percentage, meta }) => `${key.padEnd(32)} ${String(percentage).padStart(3)} %  ${meta.owner}\n`,
    )
    return { document: { flags }, text: lines.join('') }
  },
})

export const check = defineCommand({
  name: 'check',
  summary: 'Exit with 0 when a flag has this percentage, with 1 when not, with 2 when it is unknown.',
  args: {},
  options: {
    percent: optional(percent, 'Share of users, to 0.001.'),
    fullFor: optional(integer(0, 3650, 'days'), 'It must have been at 100 % for this many days.'),
    ...KEY,
    ...WHERE,
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const provider = providerOf(options)
    const flag = { provider, key: keyOf(options.key, provider.id), environment: options.environment }
    const fullFor = options.fullFor
    const percentage = fullFor === undefined ? needed(options.percent, '--percent') : 100
    const state = await cannotTell(existing(flag))
    const held = days(Date.now(), state.meta.changed)
    const wanted = fullFor ?? 0
    const holds = state.percentage === percentage && held >= wanted
    const since = fullFor === undefined ? '' : `, for ${held} days (${wanted} wanted)`
    return {
      document: { holds, percentage: state.percentage, held },
      text: `${state.percentage} %${since}\n`,
      exitCode: holds ? 0 : 1,
    }
  },
})

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: 'Print what a user gets, or how many of 10,000 users get the feature. Falls back to off in time.',
  args: {},
  options: {
    user: optional(string('id'), 'One user. Without it: 10,000.'),
    group: optional(string('name'), 'The group of the user.'),
    timeout: withDefault(duration(), '5s', 'Longest time; then the answer is off and degraded.'),
    ...KEY,
    ...WHERE,
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const late = new AbortController()
    const provider = providerOf(options, { signal: late.signal })
    const key = keyOf(options.key, provider.id)
    const environment = options.environment
    const limit = options.timeout
    const { user, group } = options
    const asked =
      user === undefined
        ? provider.evaluate(key, environment, sampleUsers())
        : provider.evaluate(key, environment, [{ targetingKey: user, ...(group !== undefined && { group }) }])
    const answer = await within(asked, limit)
    if (answer === undefined) {
      // Or the program would wait for the service after it has answered itself.
      late.abort()
      process.stderr.write(`degraded: ${provider.where(environment)} did not answer within ${limit} ms\n`)
      return {
        document: { ok: true, degraded: true, on: user === undefined ? 0 : false },
        text: 'off (degraded)\n',
      }
    }
    if (user !== undefined) return oneUser(answer[0])
    const on = answer.filter((one) => one.on).length
    return {
      document: { ok: true, users: answer.length, on },
      text: `on for ${on} of ${answer.length} users\n`,
    }
  },
})

function oneUser(answer: Evaluation | undefined): CommandReport {
  const { on = false, variant, value } = answer ?? {}
  // The variants of a boolean flag are its answer already.
  const more = typeof value === 'boolean' ? '' : `, ${variant}: ${JSON.stringify(value)}`
  return { document: { ok: true, on, variant, value }, text: `${on ? 'on' : 'off'}${more}\n` }
}

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs)
  })
  promise.catch(() => undefined)
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export const lint = defineCommand({
  name: 'lint',
  summary:
    'Check every flag file of a folder, and whether the provider can do what is needed. Exits with 1 when something is wrong.',
  args: {},
  options: {
    ...WHERE,
    needs: optional(
      wordList(['percentage', 'variants', 'metadata', 'segments', 'create']),
      'Required abilities of the provider, with commas between them.',
    ),
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const provider = providerOf(options)
    const lacking = (options.needs ?? []).filter((one) => !provider.capabilities[one])
    if (lacking.length > 0 || provider.id !== 'flagd')
      return {
        document: { ok: lacking.length === 0, lacking },
        text: lacking.map((one) => `${provider.id} has no ${one} [capability]\n`).join('') || 'It can.\n',
        exitCode: lacking.length === 0 ? 0 : 1,
        hint: 'Use --provider flagd, or choose another kind of change.',
      }
    const folder = folderOf(options)
    const names = (await readdir(folder).catch(() => noFolder(folder)))
      .filter((name) => name.endsWith('.flagd.json'))
      .toSorted()
    const findings = []
    for (const name of names)
      for (const finding of lintFile(await readFlagFile(join(folder, name))))
        findings.push({ file: join(folder, name), ...finding })
    const lines = findings.map(({ file, flag, code, message }) => `${file}: ${flag}: ${message} [${code}]\n`)
    const last = `${counted(names.length, 'file')}, ${counted(findings.length, 'finding')}\n`
    return {
      document: { ok: findings.length === 0, findings },
      text: lines.join('') + last,
      exitCode: findings.length === 0 ? 0 : 1,
      hint: 'Set the flag with `runbook flags set`: that writes its rules anew; owner, type and created are for its author.',
    }
  },
})

function noFolder(folder: string): never {
  throw new CliError(
    exit.usage,
    `There is no folder ${folder}: flag files are looked for there`,
    'Name their folder with --dir, or set FLAGS_DIR.',
  )
}

export const references = defineCommand({
  name: 'references',
  summary: 'List where code names a flag. Exits with 1 when it does.',
  args: {},
  options: {
    repository: withDefault(filePath('folder'), '.', 'The checkout.'),
    ...KEY,
    ...WHERE,
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const key = keyOf(options.key, options.provider)
    const places = (await codeReferences(options.repository, [key])).get(key) ?? []
    return {
      document: { key, places },
      text: places.length === 0 ? `no code names ${key}\n` : places.map((place) => `${place}\n`).join(''),
      exitCode: places.length === 0 ? 0 : 1,
      hint: 'Remove these lines and deploy, before the flag is archived.',
    }
  },
})

/** A number of days, with or without its unit. */
const daysOld: ValueType<number> = {
  form: 'days',
  read: (text) => integer(1, 3650).read(text.replace(/d$/, '')),
}

export const stale = defineCommand({
  name: 'stale',
  summary: 'List flags that should be gone, with owner, age and where code names them.',
  args: {},
  options: {
    maxAge: withDefault(daysOld, '90', 'Days after which any flag is stale.'),
    maxStage: withDefault(daysOld, '3', 'Days that a stage of a rollout lasts at most.'),
    repository: optional(filePath('folder'), 'Checkout to look for code that names the flags.'),
    failOn: optional(choice(['stale']), 'Exit with 1 when there is one.'),
    ...WHERE,
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const flags = await providerOf(options).list(options.environment)
    const { repository } = options
    const keys = flags.map(({ key }) => key)
    const findings = staleFlags(flags, {
      now: Date.now(),
      maxAgeDays: options.maxAge,
      maxStageDays: options.maxStage,
      references: repository === undefined ? new Map() : await codeReferences(repository, keys),
      repositoryGiven: repository !== undefined,
    })
    const unknown = repository === undefined ? [] : await unknownKeys(repository, new Set(keys))
    const lines = findings.map(({ flag, owner, code, message, references: places }) =>
      [`${flag} (${owner}): ${message} [${code}]`, ...places.map((place) => `  ${place}`)].join('\n'),
    )
    lines.push(...unknown.map((key) => `${key}: code asks for it, and no provider has it [not-in-provider]`))
    return {
      document: { ok: lines.length === 0, stale: findings, unknown },
      text: `${[...lines, `${counted(flags.length, 'flag')}, ${counted(lines.length, 'finding')}`].join('\n')}\n`,
      exitCode: options.failOn === 'stale' && lines.length > 0 ? 1 : 0,
      hint: 'Ask the owner, then run the page feature-flag-retire.',
    }
  },
})

const METRICS = {
  metrics: many(httpUrl, 'Metrics page of the service, for each process.'),
  for: withDefault(duration(), '10s', 'How long to watch.'),
  ...KEY,
  ...WHERE,
}

export const compare = defineCommand({
  name: 'compare',
  summary: 'Watch traffic with the flag on beside traffic with it off. Exits with 1 when on is worse.',
  args: {},
  options: METRICS,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const key = keyOf(options.key, 'flagd')
    needed(options.metrics[0], '--metrics')
    const result = await compareTraffic(options.metrics, key, options.for)
    const line = ({ requests, failed }: { requests: number; failed: number }): string =>
      `${failed} of ${requests} failed`
    return {
      document: result,
      text: `on   ${line(result.on)}\noff  ${line(result.off)}\n${result.reason}\n`,
      exitCode: result.ok ? 0 : 1,
      hint: 'Take the flag back to the stage before; with too little traffic, wait and compare again.',
    }
  },
})

export const idle = defineCommand({
  name: 'idle',
  summary: 'Watch whether anybody still evaluates a flag. Exits with 1 when somebody does.',
  args: {},
  options: METRICS,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const key = keyOf(options.key, 'flagd')
    needed(options.metrics[0], '--metrics')
    const count = await evaluations(options.metrics, key, options.for)
    if (count < 0)
      throw new CliError(
        exit.failed,
        'The service was restarted while it was watched: its counters began anew',
        'Watch again.',
      )
    return {
      document: { key, evaluations: count },
      text: `${count} evaluations of ${key}\n`,
      exitCode: count === 0 ? 0 : 1,
      hint: 'Somebody still asks for it: find them with `runbook flags references`, deploy, and look again.',
    }
  },
})
