/** The purpose of a flag. Each has its own life span; see `stale.ts`. */
export const FLAG_TYPES = ['release', 'experiment', 'operational', 'kill-switch', 'permission'] as const
type FlagType = (typeof FLAG_TYPES)[number]

/** Who owns a flag and since when it is what it is. Moments are ISO 8601; empty when nobody wrote them down. */
export interface FlagMeta {
  owner: string
  type: string
  created: string
  description: string
  /** When the percentage last changed. */
  changed: string
  /** When it was last killed. */
  killed: string
  /** The day after which it is not given to more users any more, except to all; empty: it may stay. */
  expires: string
  /** Keys of the flags that its feature needs. */
  requires: string[]
  tags: string[]
}

/** Users and groups who are named by a flag. */
export interface Segments {
  users: readonly string[]
  groups: readonly string[]
}

/** A flag in one environment, as its provider has it. */
export interface FlagState {
  key: string
  environment: string
  /** Share of users by percentage, 0 to 100 in thousandths; named users come on top. NaN for rules written by hand. */
  percentage: number
  /** Who is on whatever the percentage. */
  named: Segments
  /** Whether anybody can be on. */
  on: boolean
  /** It was killed, and nobody has decided since that it may be on again. */
  isKilled: boolean
  archived: boolean
  /** Changes with every change of the flag; for compare-and-set. */
  version: string
  meta: FlagMeta
  /** The state of the provider, for `restore`. */
  raw: unknown
}

/** Who is asked for: `targetingKey` decides the bucket, the rest is for named groups. */
export interface FlagContext {
  targetingKey: string
  group?: string
}

/** The result of one user. */
export interface Evaluation {
  /** True when the user has the feature: `true` of a boolean flag, any variant but the one of a kill of another. */
  on: boolean
  /** The name of the variant; undefined where the provider has none. */
  variant: string | undefined
  value: unknown
}

/** Refuses a change, seeing every flag that the provider can show. @throws {CliError} */
export type Check = (flag: FlagState, all: readonly FlagState[]) => void

/** The data of every change. */
export interface Change {
  key: string
  environment: string
  /** The version the change was decided on; another one in the meantime refuses it. */
  ifVersion: string
  /** Why; ends up in the history of the provider. */
  comment: string
  /** Called while the flags are locked, where the provider can do that; else right before the change. */
  check?: Check
}

/** A kill turns a flag off whatever it is; only with a version it asks first. */
export interface Kill extends Omit<Change, 'ifVersion' | 'check'> {
  ifVersion: string | undefined
  /** Whether the state from before is wanted. A service is asked for it while the kill is under way, never before. */
  keepBefore: boolean
  /** Leave flags on that require this one; else they go off with it, where the provider knows of them. */
  alone: boolean
}

/** How the flag was when it was killed; undefined where the provider could not tell without waiting. */
export interface Killed {
  before: FlagState | undefined
  wasOn: ((users: readonly FlagContext[]) => boolean[]) | undefined
  /** The flags that went off with it, as they were. */
  also: readonly FlagState[]
}

/** The abilities of a provider; other requests are refused before anything changes. */
export interface Capabilities {
  percentage: boolean
  /** Variants that are texts, numbers or objects. */
  variants: boolean
  /** Owner, last day and requirements of a flag. */
  metadata: boolean
  segments: boolean
  create: boolean
}

/** One place where flags live. `undefined` state: no such flag. */
export interface FlagProvider {
  id: string
  capabilities: Capabilities
  /** Where a person finds the flag, such as a file or an address. */
  where(environment: string): string
  list(environment: string): Promise<FlagState[]>
  get(key: string, environment: string): Promise<FlagState | undefined>
  create(flag: NewFlag): Promise<void>
  setPercentage(change: Change, percentage: number): Promise<void>
  target(change: Change, users: readonly string[], groups: readonly string[]): Promise<void>
  /** Changes what is known about a flag, and for nobody what they get. */
  describe(change: Change, about: Partial<NewMeta>): Promise<void>
  /** Resolves when the provider has accepted it. */
  kill(change: Kill): Promise<Killed>
  /** Brings back a state, and those that were killed with it. */
  restore(change: Change, to: FlagState, also: readonly FlagState[]): Promise<void>
  archive(change: Change): Promise<void>
  /** Evaluates freshly, from what is stored now. */
  evaluate(key: string, environment: string, users: readonly FlagContext[]): Promise<Evaluation[]>
}

/** The facts about a flag that people decide. */
export interface NewMeta {
  owner: string
  type: FlagType
  description: string
  tags: readonly string[]
  requires: readonly string[]
  /** A day, or empty. */
  expires: string
}

/** The values of a flag by name. `off` is the one that everybody gets after a kill. */
export interface Variants {
  values: Readonly<Record<string, unknown>>
  off: string
}

export interface NewFlag extends NewMeta {
  key: string
  environment: string
  created: string
  /** Undefined: on is `true`, off is `false`. */
  variants?: Variants | undefined
  /** 100 where it starts on, 0 elsewhere. */
  percentage: number
}
