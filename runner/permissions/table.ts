/** The rights that a role or a token can hold, each for some runbooks: `run:release-*`. */
export const verbs = ['read', 'run', 'answer', 'decide', 'stop', 'admin', 'ship', 'alert'] as const
export type Verb = (typeof verbs)[number]

/**
 * Kinds of callers, by how they prove who they are: a session, a token of a service or an agent, a role of the database.
 * @internal
 */
export const kinds = ['human', 'service', 'agent', 'runner', 'hub'] as const
export type CallerKind = (typeof kinds)[number]

/**
 * On which runs a kind of caller may hold a right: `any`; its `own`, which it started or, for a runner, owns; or, as an
 * `approver`, those whose frozen plan names the person, and that the person neither started nor took over.
 * @internal
 */
export type Relation = 'any' | 'own' | 'approver'

/** @internal */
export interface Row {
  /** The purpose of the right, in words of the documentation. */
  means: string
  /** A kind that is not named can never hold the right, whatever a role or a token says. */
  callers: Readonly<Partial<Record<CallerKind, Relation>>>
  /** Whether a role that comes from a group of the provider gives the right. */
  fromGroups: boolean
  /** Whether a step that asks for presence refuses the act without a signature. */
  presence: boolean
}

export type Table = Readonly<Record<Verb, Row>>

/** Who may ever do what. Roles and tokens choose from this table; nothing adds to it. */
export const table: Table = {
  read: {
    means: 'See runbooks, runs, output and evidence',
    callers: { human: 'any', service: 'any', agent: 'any' },
    fromGroups: true,
    presence: false,
  },
  run: {
    means: 'Start and resume runs',
    callers: { human: 'any', service: 'any', agent: 'any' },
    fromGroups: true,
    presence: false,
  },
  answer: {
    means: 'Answer questions, take over the watch, roll back',
    callers: { human: 'any' },
    fromGroups: true,
    presence: true,
  },
  decide: {
    means: 'Approve and reject',
    callers: { human: 'approver' },
    fromGroups: false,
    presence: true,
  },
  stop: {
    means: 'Stop runs',
    callers: { human: 'any', service: 'any', agent: 'own' },
    fromGroups: true,
    presence: false,
  },
  admin: {
    means: 'See the audit, and revoke tokens and sessions of others',
    callers: { human: 'any' },
    fromGroups: true,
    presence: false,
  },
  ship: {
    means: 'Write the journal of a run to the team’s database',
    callers: { runner: 'own' },
    fromGroups: false,
    presence: false,
  },
  alert: {
    means: 'Report an alert by the webhook',
    callers: { service: 'any' },
    fromGroups: false,
    presence: false,
  },
}
