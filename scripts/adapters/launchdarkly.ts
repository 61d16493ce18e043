import { createHash } from 'node:crypto'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { type PoliteAnswer, politely, REAL_PACE, type Pace } from './polite.ts'
import { changed } from '../programs/flags/flagd.ts'
import type {
  Change,
  FlagContext,
  FlagProvider,
  FlagState,
  Kill,
  Killed,
} from '../programs/flags/flag-model.ts'

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
  prerequisites?: { key: string }[]
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
  const manners = { everyMs: 0, tries: 4, limitMs, pace, signal }
  const polite = politely(manners)
  const base = `${url}/api/v2/flags/${encodeURIComponent(project)}`

  async function call(
    method: string,
    path: string,
    body?: object,
    { type = 'application/json', repeatable = method === 'GET', ask = polite } = {},
  ): Promise<PoliteAnswer> {
    // The token stands alone here: with "Bearer" before it the service refuses it.
    const headers = { authorization: token, 'content-type': type }
    return await ask({
      method,
      url: base + path,
      headers,
      repeatable,
      ...(body && { body }),
    })
  }

  async function read(key: string, environment: string, ask = polite): Promise<LdFlag | undefined> {
    const path = `/${encodeURIComponent(key)}?env=${encodeURIComponent(environment)}`
    const answer = await call('GET', path, undefined, { ask })
    if (answer.status === 404) return undefined
    const flag = accepted(answer, `reading ${key}`) as unknown as LdFlag
    if (flag.environments?.[environment] !== undefined) return flag
    throw new CliError(
      exit.failed,
      `${key} has no environment ${environment}: LaunchDarkly does not list it`,
      'Check --environment.',
    )
  }

  async function unchanged({ key, environment, ifVersion }: Change): Promise<LdFlag> {
    const flag = await read(key, environment)
    const version = String(flag?.environments[environment]?.version ?? 'no flag')
    if (flag === undefined || version !== ifVersion) throw changed(key, ifVersion, version)
    return flag
  }

  async function instruct(
    { key, comment }: Pick<Change, 'key' | 'comment'>,
    environmentKey: string | undefined,
    instructions: Instruction[],
    how: { repeatable?: boolean; ask?: typeof polite } = {},
  ): Promise<Record<string, unknown>> {
    const body = { ...(environmentKey !== undefined && { environmentKey }), comment, instructions }
    const type = 'application/json; domain-model=launchdarkly.semanticpatch'
    const answer = await call('PATCH', `/${encodeURIComponent(key)}`, body, { type, ...how })
    return accepted(answer, `changing ${key}`)
  }

  async function patch(change: Change, make: (flag: LdFlag) => Instruction[]): Promise<void> {
    const flag = await unchanged(change)
    const state = stateOf(flag, change.environment)
    change.check?.(state, [state])
    await instruct(change, change.environment, make(flag))
  }

  /** Sent before anything is read, on a way of its own: nothing that hangs can be in front of it. */
  async function kill(change: Kill): Promise<Killed> {
    const { key, environment, ifVersion } = change
    if (ifVersion !== undefined) await unchanged({ ...change, ifVersion })
    const beside = change.keepBefore
      ? read(key, environment, politely(manners)).catch(() => undefined)
      : undefined
    const off = [{ kind: 'turnFlagOff' }]
    const killed = await instruct(change, environment, off, { repeatable: true, ask: politely(manners) })
    const flag = isWhole(killed, environment) ? killed : await read(key, environment)
    if (flag === undefined) return { before: undefined, wasOn: undefined, also: [] }
    const missing = offVariation(flag, environment)
    if (missing.length > 0) await instruct(change, environment, missing, { repeatable: true })
    const current = await beside
    const isOlder = versionIn(current, environment) < versionIn(flag, environment)
    if (current === undefined || !isOlder) return { before: undefined, wasOn: undefined, also: [] }
    return {
      before: stateOf(current, environment),
      wasOn: (users) => users.map((user) => evaluateOne(current, environment, user)),
      also: [],
    }
  }

  return {
    id: 'launchdarkly',
    capabilities: { percentage: true, variants: false, metadata: false, segments: false, create: true },
    where: (environment) => `${url}/${project}/${environment}`,
    async list(environment) {
      const answer = accepted(await call('GET', `?env=${encodeURIComponent(environment)}`), 'listing flags')
      return (answer['items'] as LdFlag[]).map((flag) => stateOf(flag, environment))
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
    describe: () => Promise.reject(unsupported('changing what is known about a flag')),
    kill,
    restore: (change, to) =>
      patch(change, (flag) => [
        ...rollout(flag, to.percentage).slice(1),
        { kind: to.on ? 'turnFlagOn' : 'turnFlagOff' },
      ]),
    async archive(change) {
      const state = stateOf(await unchanged(change), change.environment)
      change.check?.(state, [state])
      await instruct(change, undefined, [{ kind: 'archiveFlag' }])
    },
    async evaluate(key, environment, users) {
      const flag = await read(key, environment)
      if (flag === undefined)
        throw new CliError(exit.failed, `There is no flag ${key}: asked ${url}`, 'Check --key.')
      return users.map((user) => {
        const on = evaluateOne(flag, environment, user)
        return { on, variant: undefined, value: on }
      })
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
    `${flag.key} is not a boolean flag: it has no variation ${value}`,
    'Change it in LaunchDarkly.',
  )
}

function rollout(flag: LdFlag, percentage: number): Instruction[] {
  const weight = Math.round((percentage * WHOLE) / 100)
  const rolloutWeights = { [variation(flag, true).id]: weight, [variation(flag, false).id]: WHOLE - weight }
  return [{ kind: 'turnFlagOn' }, { kind: 'updateFallthroughVariationOrRollout', rolloutWeights }]
}

// Off without an off variation gives every caller its own fallback, which may be true.
function offVariation(flag: LdFlag, environment: string): Instruction[] {
  const { index, id } = variation(flag, false)
  const set = flag.environments[environment]?.offVariation === index
  return set ? [] : [{ kind: 'updateOffVariation', variationId: id }]
}

function isWhole(answer: object, environment: string): answer is LdFlag {
  const { variations, environments } = answer as Partial<LdFlag>
  return Array.isArray(variations) && environments?.[environment] !== undefined
}

function versionIn(flag: LdFlag | undefined, environment: string): number {
  return flag?.environments[environment]?.version ?? Infinity
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
    percentage: settings.on ? share / (WHOLE / 100) : 0,
    named: { users: [], groups: [] },
    on: settings.on && share > 0,
    // The service keeps no mark of a kill: a new flag is off in the same way.
    isKilled: false,
    archived: flag.archived ?? false,
    version: String(settings.version),
    meta: {
      owner: tag('owner'),
      type: tag('type'),
      created: iso(flag.creationDate),
      description: flag.description ?? '',
      changed: iso(settings.lastModified),
      killed: '',
      expires: '',
      // Prerequisites are the service's own rule, which it applies at each evaluation.
      requires: [],
      tags: flag.tags ?? [],
    },
    raw: { on: settings.on, fallthrough },
  }
}

function evaluateOne(flag: LdFlag, environment: string, user: FlagContext): boolean {
  const settings = flag.environments[environment] as LdEnvironment
  if ((settings.rules ?? []).length + (settings.prerequisites ?? []).length > 0)
    throw new CliError(
      exit.failed,
      `${flag.key} has rules or prerequisites of its own: they cannot be evaluated here`,
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
