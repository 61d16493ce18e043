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

/** The data of every change. */
export interface Change {
  key: string
  environment: string
  /** The version the change was decided on; another one in the meantime refuses it. */
  ifVersion: string
  /** Why; ends up in the history of the provider. */
  comment: string
}

/** A kill turns a flag off whatever it is; only with a version it asks first. */
export interface Kill extends Omit<Change, 'ifVersion'> {
  ifVersion: string | undefined
  /** Whether the state from before is wanted. A service is asked for it while the kill is under way, never before. */
  keepBefore: boolean
}

/** How the flag was when it was killed; undefined where the provider could not tell without waiting. */
export interface Killed {
  before: FlagState | undefined
  wasOn: ((users: readonly FlagContext[]) => boolean[]) | undefined
}

/** The abilities of a provider; other requests are refused before anything changes. */
export interface Capabilities {
  percentage: boolean
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
  /** Resolves when the provider has accepted it. */
  kill(change: Kill): Promise<Killed>
  restore(change: Change, to: FlagState): Promise<void>
  archive(change: Change): Promise<void>
  /** Evaluates freshly, from what is stored now: true is on. */
  evaluate(key: string, environment: string, users: readonly FlagContext[]): Promise<boolean[]>
}

export interface NewFlag {
  key: string
  environment: string
  owner: string
  type: FlagType
  description: string
  tags: readonly string[]
  created: string
  /** 100 where it starts on, 0 elsewhere. */
  percentage: number
}
