import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outcome, command } from '../lib/command.ts'
import { Failure, cannotTell, usageFailure } from '../lib/failure.ts'
import { duration, httpUrl, integer, required } from '../lib/values.ts'
import { existing } from './change.ts'
import { compareTraffic, evaluations } from './compare.ts'
import { readFlagFile } from './flagd.ts'
import { lintFile } from './lint.ts'
import { KEY, WHERE, capabilitiesOf, environmentOf, keyOf, percentOf, providerOf } from './options.ts'
import { evaluateSample } from './prove.ts'
import { codeReferences, days, staleFlags, unknownKeys } from './stale.ts'

export const show = command({
  summary: 'prints a flag as its provider has it.',
  options: { ...KEY, ...WHERE } as const,
  async run(values): Promise<Outcome> {
    const provider = providerOf(values)
    const state = await existing({
      provider,
      key: keyOf(values.key, provider.id),
      environment: environmentOf(values),
    })
    const { key, environment, percentage, version, meta } = state
    const text = `${key} in ${environment}: ${percentage} %, version ${version}\n  ${meta.type} flag of ${meta.owner}, created ${meta.created}, changed ${meta.changed}\n  ${provider.where(environment)}\n`
    return { document: state, text }
  },
})

export const list = command({
  summary: 'lists the flags of an environment.',
  options: WHERE,
  async run(values): Promise<Outcome> {
    const flags = await providerOf(values).list(environmentOf(values))
    const lines = flags.map(
      ({ key, percentage, meta }) => `${key.padEnd(32)} ${String(percentage).padStart(3)} %  ${meta.owner}\n`,
    )
    return { document: { flags }, text: lines.join('') }
  },
})

export const check = command({
  summary: 'exits with 0 when a flag has this percentage, with 1 when not, with 2 when it cannot tell.',
  options: {
    percent: { type: 'string', value: 'N', help: 'Share of users, 0 to 100.' },
    'full-for': { type: 'string', value: 'DAYS', help: 'It must have been at 100 % for this many days.' },
    ...KEY,
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const provider = providerOf(values)
    const flag = { provider, key: keyOf(values.key, provider.id), environment: environmentOf(values) }
    const fullFor = values['full-for']
    const percentage = fullFor === undefined ? percentOf(values.percent) : 100
    const state = await cannotTell(existing(flag))
    const held = days(Date.now(), state.meta.changed)
    const wanted = fullFor === undefined ? 0 : integer(fullFor, '--full-for', 0, 3650)
    const holds = state.percentage === percentage && held >= wanted
    const since = fullFor === undefined ? '' : `, for ${held} days (${wanted} wanted)`
    return {
      document: { holds, percentage: state.percentage, held },
      text: `${state.percentage} %${since}\n`,
      exitCode: holds ? 0 : 1,
    }
  },
})

export const evaluate = command({
  summary: 'says what a user gets, or how many of 10,000 users get the feature. Falls back to off in time.',
  options: {
    user: { type: 'string', value: 'ID', help: 'One user. Without it: 10,000.' },
    group: { type: 'string', value: 'NAME', help: 'The group of the user.' },
    timeout: {
      type: 'string',
      value: 'TIME',
      help: 'Longest time; then the answer is off and degraded (default 5s).',
    },
    ...KEY,
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const late = new AbortController()
    const provider = providerOf(values, late.signal)
    const key = keyOf(values.key, provider.id)
    const environment = environmentOf(values)
    const limit = duration(values.timeout ?? '5s', '--timeout')
    const { user, group } = values
    const asked =
      user === undefined
        ? evaluateSample(provider, key, environment)
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
    const on = answer.filter(Boolean).length
    if (user !== undefined) return { document: { ok: true, on: on === 1 }, text: on === 1 ? 'on\n' : 'off\n' }
    return {
      document: { ok: true, users: answer.length, on },
      text: `on for ${on} of ${answer.length} users\n`,
    }
  },
})

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs)
  })
  promise.catch(() => undefined)
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export const lint = command({
  summary:
    'checks every flag file of a folder, and whether the provider can do what is needed. Exits with 1 when something is wrong.',
  options: {
    ...WHERE,
    needs: {
      type: 'string',
      value: 'WORDS',
      help: 'What the provider must be able to do: percentage, segments, create.',
    },
  } as const,
  async run(values): Promise<Outcome> {
    const provider = providerOf(values)
    const lacking = capabilitiesOf(values.needs).filter((one) => !provider.capabilities[one])
    if (lacking.length > 0 || provider.id !== 'flagd')
      return {
        document: { ok: lacking.length === 0, lacking },
        text: lacking.map((one) => `${provider.id} has no ${one} [capability]\n`).join('') || 'It can.\n',
        exitCode: lacking.length === 0 ? 0 : 1,
        remedy: 'Use --provider flagd, or choose another kind of change.',
      }
    const folder = values.dir ?? (process.env['FLAGS_DIR'] || 'flags')
    const names = (await readdir(folder).catch(() => noFolder(folder)))
      .filter((name) => name.endsWith('.flagd.json'))
      .toSorted()
    const findings = []
    for (const name of names)
      for (const finding of lintFile(await readFlagFile(join(folder, name))))
        findings.push({ file: join(folder, name), ...finding })
    const lines = findings.map(({ file, flag, code, message }) => `${file}: ${flag}: ${message} [${code}]\n`)
    const last = `${names.length} files, ${findings.length} findings\n`
    return {
      document: { ok: findings.length === 0, findings },
      text: lines.join('') + last,
      exitCode: findings.length === 0 ? 0 : 1,
      remedy:
        'Set the flag with `flags.ts set`: that writes its rules anew; owner, type and created are for its author.',
    }
  },
})

function noFolder(folder: string): never {
  throw usageFailure(
    `There is no folder ${folder}.`,
    'Flag files are looked for there.',
    'Name their folder with --dir, or set FLAGS_DIR.',
  )
}

export const references = command({
  summary: 'lists where code names a flag. Exits with 1 when it does.',
  options: {
    repository: { type: 'string', value: 'DIR', help: 'The checkout (default .).' },
    ...KEY,
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const key = keyOf(values.key, values.provider ?? 'flagd')
    const places = (await codeReferences(values.repository ?? '.', [key])).get(key) ?? []
    return {
      document: { key, places },
      text: places.length === 0 ? `no code names ${key}\n` : places.map((place) => `${place}\n`).join(''),
      exitCode: places.length === 0 ? 0 : 1,
      remedy: 'Remove these lines and deploy, before the flag is archived.',
    }
  },
})

export const stale = command({
  summary: 'lists flags that should be gone, with owner, age and where code names them.',
  options: {
    'max-age': { type: 'string', value: 'DAYS', help: 'Days after which any flag is stale (default 90).' },
    repository: { type: 'string', value: 'DIR', help: 'Checkout to look for code that names the flags.' },
    'fail-on': { type: 'string', value: 'stale', help: 'Exit with 1 when there is one.' },
    ...WHERE,
  } as const,
  async run(values): Promise<Outcome> {
    const flags = await providerOf(values).list(environmentOf(values))
    const maxAgeDays = integer((values['max-age'] ?? '90').replace(/d$/, ''), '--max-age', 1, 3650)
    const { repository } = values
    const keys = flags.map(({ key }) => key)
    const found = staleFlags(flags, {
      now: Date.now(),
      maxAgeDays,
      references: repository === undefined ? new Map() : await codeReferences(repository, keys),
      repositoryGiven: repository !== undefined,
    })
    const unknown = repository === undefined ? [] : await unknownKeys(repository, new Set(keys))
    const lines = found.map(({ flag, owner, code, message, references: places }) =>
      [`${flag} (${owner}): ${message} [${code}]`, ...places.map((place) => `  ${place}`)].join('\n'),
    )
    lines.push(...unknown.map((key) => `${key}: code asks for it, and no provider has it [not-in-provider]`))
    return {
      document: { ok: lines.length === 0, stale: found, unknown },
      text: `${[...lines, `${flags.length} flags, ${lines.length} findings`].join('\n')}\n`,
      exitCode: values['fail-on'] === 'stale' && lines.length > 0 ? 1 : 0,
      remedy: 'Ask the owner, then run the page feature-flag-retire.',
    }
  },
})

const METRICS = {
  metrics: {
    type: 'string',
    multiple: true,
    value: 'URL',
    help: 'Metrics page of the service; again for each process.',
  },
  for: { type: 'string', value: 'TIME', help: 'How long to watch (default 10s).' },
  ...KEY,
  ...WHERE,
} as const

export const compare = command({
  summary: 'watches traffic with the flag on beside traffic with it off. Exits with 1 when on is worse.',
  options: METRICS,
  async run(values): Promise<Outcome> {
    const key = keyOf(values.key, 'flagd')
    const pages = (values.metrics ?? []).map((url) => httpUrl(url, '--metrics'))
    required(pages[0], '--metrics')
    const result = await compareTraffic(pages, key, duration(values.for ?? '10s', '--for'))
    const line = ({ requests, failed }: { requests: number; failed: number }): string =>
      `${failed} of ${requests} failed`
    return {
      document: result,
      text: `on   ${line(result.on)}\noff  ${line(result.off)}\n${result.reason}\n`,
      exitCode: result.ok ? 0 : 1,
      remedy: 'Take the flag back to the stage before; with too little traffic, wait and compare again.',
    }
  },
})

export const idle = command({
  summary: 'watches whether anybody still evaluates a flag. Exits with 1 when somebody does.',
  options: METRICS,
  async run(values): Promise<Outcome> {
    const key = keyOf(values.key, 'flagd')
    const pages = (values.metrics ?? []).map((url) => httpUrl(url, '--metrics'))
    required(pages[0], '--metrics')
    const count = await evaluations(pages, key, duration(values.for ?? '10s', '--for'))
    if (count < 0)
      throw new Failure(
        'The service was restarted while it was watched.',
        'Its counters began anew.',
        'Watch again.',
      )
    return {
      document: { key, evaluations: count },
      text: `${count} evaluations of ${key}\n`,
      exitCode: count === 0 ? 0 : 1,
      remedy: 'Somebody still asks for it: find them with `flags.ts references`, deploy, and look again.',
    }
  },
})
