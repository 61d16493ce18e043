import { createHash } from 'node:crypto'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { isRecord } from '../lib/http.ts'
import { type PoliteAnswer, politely, REAL_PACE, type Pace } from '../lib/polite.ts'
import { changed } from './flagd.ts'
import type { Change, FlagContext, FlagProvider, FlagState } from './model.ts'

export interface LaunchDarklyOptions {
  /** Such as `https://app.launchdarkly.com`. */
  url: string
  project: string
  token: string
  pace?: Pace
  /** Milliseconds for one exchange (default 10,000). */
  limitMs?: number
  /** Ends what is under way. */
  signal?: AbortSignal | undefined
}

interface LdEnvironment {
  on: boolean
  version: number
  salt: string
  lastModified?: number
  offVariation?: number
  targets?: { values: string[]; variation: number }[]
  rules?: unknown[]
  fallthrough: { variation?: number; rollout?: { variations: { variation: number; weight: number }[] } }
}

interface LdFlag {
  key: string
  description?: string
  creationDate?: number
  archived?: boolean
  tags?: string[]
  variations: { _id: string; value: unknown }[]
  environments: Record<string, LdEnvironment>
}

type Instruction = { kind: string } & Record<string, unknown>

/** Weights are thousandths of a percent. */
const WHOLE = 100_000

/** Flags in LaunchDarkly, by its REST API: semantic patches, and its public bucketing for the proof. */
export function launchDarklyProvider({
  url,
  project,
  token,
  pace = REAL_PACE,
  limitMs = 10_000,
  signal,
}: LaunchDarklyOptions): FlagProvider {
  const ask = politely({ everyMs: 0, tries: 4, limitMs, pace, signal })
  const base = `${url}/api/v2/flags/${encodeURIComponent(project)}`

  async function call(
    method: string,
    path: string,
    body?: object,
    type = 'application/json',
  ): Promise<PoliteAnswer> {
    // The token stands alone here: with "Bearer" before it the service refuses it.
    const headers = { authorization: token, 'content-type': type }
    return await ask({
      method,
      url: base + path,
      headers,
      repeatable: method === 'GET',
      ...(body && { body }),
    })
  }

  async function read(key: string, environment: string): Promise<LdFlag | undefined> {
    const answer = await call('GET', `/${encodeURIComponent(key)}?env=${encodeURIComponent(environment)}`)
    if (answer.status === 404) return undefined
    const flag = accepted(answer, `reading ${key}`) as unknown as LdFlag
    if (flag.environments?.[environment] !== undefined) return flag
    throw new CliError(
      exit.failed,
      `${key} has no environment ${environment}: LaunchDarkly does not list it`,
      'Check --environment.',
    )
  }

  async function patch(change: Change, make: (flag: LdFlag) => Instruction[], inOne = true): Promise<void> {
    const { key, environment, comment, ifVersion } = change
    const flag = await read(key, environment)
    const version = String(flag?.environments[environment]?.version ?? 'no flag')
    if (flag === undefined || version !== ifVersion) throw changed(key, ifVersion, version)
    const body = { ...(inOne && { environmentKey: environment }), comment, instructions: make(flag) }
    const type = 'application/json; domain-model=launchdarkly.semanticpatch'
    accepted(await call('PATCH', `/${encodeURIComponent(key)}`, body, type), `changing ${key}`)
  }

  return {
    id: 'launchdarkly',
    capabilities: { percentage: true, segments: false, create: true },
    where: (environment) => `${url}/${project}/${environment}`,
    async list(environment) {
      const found = accepted(await call('GET', `?env=${encodeURIComponent(environment)}`), 'listing flags')
      return (found['items'] as LdFlag[]).map((flag) => stateOf(flag, environment))
    },
    async get(key, environment) {
      const flag = await read(key, environment)
      return flag && stateOf(flag, environment)
    },
    async create({ key, description, tags, owner, type }) {
      const variations = [
        { value: true, name: 'on' },
        { value: false, name: 'off' },
      ]
      const body = {
        key,
        name: key,
        description,
        temporary: type !== 'permission' && type !== 'kill-switch',
        tags: [...tags, `owner:${owner}`, `type:${type}`],
        variations,
        defaults: { onVariation: 0, offVariation: 1 },
      }
      accepted(await call('POST', '', body), `creating ${key}`)
    },
    setPercentage: (change, percentage) => patch(change, (flag) => rollout(flag, percentage)),
    target: () => Promise.reject(unsupported('naming users')),
    kill: (change) => patch(change, (flag) => turnOff(flag, change.environment)),
    restore: (change, to) =>
      patch(change, (flag) => [
        ...rollout(flag, to.percentage).slice(1),
        { kind: to.on ? 'turnFlagOn' : 'turnFlagOff' },
      ]),
    archive: (change) => patch(change, () => [{ kind: 'archiveFlag' }], false),
    async evaluate(key, environment, users) {
      const flag = await read(key, environment)
      if (flag === undefined)
        throw new CliError(exit.failed, `There is no flag ${key}: asked ${url}`, 'Check --key.')
      return users.map((user) => evaluateOne(flag, environment, user))
    },
  }
}

function unsupported(what: string): CliError {
  return new CliError(
    exit.failed,
    `LaunchDarkly is not used for ${what} here: only percentages are`,
    'Do it in its console.',
  )
}

function accepted(answer: PoliteAnswer, what: string): Record<string, unknown> {
  let body: unknown
  try {
    body = JSON.parse(answer.text)
  } catch {
    body = undefined
  }
  const message = isRecord(body) && typeof body['message'] === 'string' ? body['message'] : ''
  if (answer.status < 300 && isRecord(body)) return body
  const approval = /approval/i.test(message)
  throw new CliError(
    exit.failed,
    `LaunchDarkly refused ${what}: it answered ${answer.status}${message === '' ? '' : `: ${message}`}`,
    approval
      ? 'Ask for the approval in LaunchDarkly, then run this again.'
      : 'Check the token, the project and the key.',
  )
}

function variation(flag: LdFlag, value: boolean): { index: number; id: string } {
  const index = flag.variations.findIndex((one) => one.value === value)
  const { _id: id } = flag.variations[index] ?? {}
  if (id !== undefined) return { index, id }
  throw new CliError(
    exit.failed,
    `${flag.key} is no flag of true and false: it has no variation ${value}`,
    'Change it in LaunchDarkly.',
  )
}

function rollout(flag: LdFlag, percentage: number): Instruction[] {
  const weight = percentage * (WHOLE / 100)
  const rolloutWeights = { [variation(flag, true).id]: weight, [variation(flag, false).id]: WHOLE - weight }
  return [{ kind: 'turnFlagOn' }, { kind: 'updateFallthroughVariationOrRollout', rolloutWeights }]
}

// Off without an off variation gives every caller its own fallback, which may be true.
function turnOff(flag: LdFlag, environment: string): Instruction[] {
  const { index, id } = variation(flag, false)
  const set = flag.environments[environment]?.offVariation === index
  return [...(set ? [] : [{ kind: 'updateOffVariation', variationId: id }]), { kind: 'turnFlagOff' }]
}

function stateOf(flag: LdFlag, environment: string): FlagState {
  const settings = flag.environments[environment] as LdEnvironment
  const on = variation(flag, true).index
  const { fallthrough } = settings
  const weight = fallthrough.rollout?.variations.find((one) => one.variation === on)?.weight ?? 0
  const share = fallthrough.rollout === undefined ? Number(fallthrough.variation === on) * WHOLE : weight
  const tag = (name: string): string =>
    flag.tags?.find((one) => one.startsWith(`${name}:`))?.slice(name.length + 1) ?? ''
  const iso = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString())
  return {
    key: flag.key,
    environment,
    percentage: settings.on ? (share / WHOLE) * 100 : 0,
    on: settings.on && share > 0,
    archived: flag.archived ?? false,
    version: String(settings.version),
    meta: {
      owner: tag('owner'),
      type: tag('type'),
      created: iso(flag.creationDate),
      description: flag.description ?? '',
      changed: iso(settings.lastModified),
      killed: '',
      tags: flag.tags ?? [],
    },
    raw: { on: settings.on, fallthrough },
  }
}

function evaluateOne(flag: LdFlag, environment: string, user: FlagContext): boolean {
  const settings = flag.environments[environment] as LdEnvironment
  if ((settings.rules ?? []).length > 0)
    throw new CliError(
      exit.failed,
      `${flag.key} has rules of its own: they cannot be evaluated here`,
      'Prove the change with --probe.',
    )
  return flag.variations[variationFor(flag.key, settings, user) ?? -1]?.value === true
}

function variationFor(
  key: string,
  settings: LdEnvironment,
  { targetingKey }: FlagContext,
): number | undefined {
  if (!settings.on) return settings.offVariation
  const target = settings.targets?.find(({ values }) => values.includes(targetingKey))
  if (target !== undefined) return target.variation
  const { variation: fixed, rollout: split } = settings.fallthrough
  if (split === undefined) return fixed
  let left = bucket(key, settings.salt, targetingKey)
  for (const { variation: index, weight } of split.variations) {
    left -= weight / WHOLE
    if (left < 0) return index
  }
  return split.variations.at(-1)?.variation
}

/** Where a user falls between 0 and 1, as every LaunchDarkly SDK computes it. */
function bucket(key: string, salt: string, user: string): number {
  const hash = createHash('sha1').update(`${key}.${salt}.${user}`).digest('hex').slice(0, 15)
  return Number.parseInt(hash, 16) / (16 ** 15 - 1)
}
