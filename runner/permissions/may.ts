import { bothHold, holds } from './grant.ts'
import type { Reach } from './grant.ts'
import { table as usual } from './table.ts'
import type { CallerKind, Table, Verb } from './table.ts'

/** The caller, and all that is known of them at this moment. */
export interface Principal {
  kind: CallerKind | 'anonymous'
  /** Whether the session, token or certificate still counts. */
  isValid: boolean
  /** The address of a person, the name of a runner, the id of an agent's or a service's token. */
  id: string
  /** The address of the person whose session or token it is; undefined for a runner. */
  person?: string | undefined
  /** Roles that the list of people gives. */
  roles: readonly string[]
  /** Roles that groups of the provider give. */
  groupRoles: readonly string[]
  /** The rights of a token; undefined for a session, which has all of its person's. */
  scope?: readonly string[] | undefined
}

/** The thing that is asked for: a route of the hub, a function of the database or a tool of an agent. */
export interface Action {
  /** `open` for everybody, `self` for each person about themselves. */
  verb: Verb | 'open' | 'self'
  /** Its subject. A page that shows `all` runbooks needs the right for each; one that shows `some` shows those. */
  on: 'run' | 'runbook' | 'all' | 'some'
  /** Whether it changes anything. */
  act: boolean
  /** Whether the person signs it with a key of their own. */
  signed?: boolean
}

/** The runbook or run that it is about, as stored. Addresses are the ones that the list of people has. */
export interface Situation {
  slug: string
  /** The roles that the runbook is narrowed to. */
  access?: readonly string[] | undefined
  /** The people and tokens that started, resumed or took over the run, by address and id. */
  requesters?: readonly string[]
  /** The addresses that the frozen plan lets decide. */
  approvers?: readonly string[]
  /** The runner whose disk has the journal. */
  owner?: string
  /** The run takes no acts any more. */
  isOver?: boolean
  /** The step asks for a signature made by a person who was there. */
  presence?: boolean
}

/** `unknown` has the same answer as a runbook that does not exist. */
export type Verdict = 'allow' | 'sign-in' | 'forbidden' | 'unknown' | 'over' | 'presence'

/** The rights of each role. */
export type Rights = Readonly<Record<string, readonly string[]>>

/**
 * Whether a caller may do something: the kind of caller may, and a role gives it, and the runbook does not narrow it away,
 * and the token covers it, and the caller has the right relation to the run. Nothing is denied, so everything else is.
 */
export function may(
  principal: Principal,
  action: Action,
  situation: Situation | undefined,
  rights: Rights,
  table: Table = usual,
): Verdict {
  const { verb, on, act } = action
  if (verb === 'open') return 'allow'
  if (!principal.isValid || principal.kind === 'anonymous') return 'sign-in'
  if (verb === 'self') return principal.kind === 'human' ? 'allow' : 'forbidden'
  const reach = reachOf(on, situation)
  if (reach === undefined) return 'unknown'
  const has = (one: Verb): boolean => isGiven(principal, one, reach, situation, rights, table)
  if (verb !== 'ship' && typeof reach === 'object' && !has('read')) return 'unknown'
  if (!has(verb) || (on === 'run' && act && !isRelated(principal, verb, situation, table))) return 'forbidden'
  if (!act || on !== 'run') return 'allow'
  if (situation?.isOver === true) return 'over'
  return table[verb].presence && situation?.presence === true && action.signed !== true ? 'presence' : 'allow'
}

function reachOf(on: Action['on'], situation: Situation | undefined): Reach | undefined {
  if (on === 'all' || on === 'some') return on
  return situation
}

/** Whether a caller holds a right at all, whatever the relation to a run. */
function isGiven(
  { kind, roles, groupRoles, scope }: Principal,
  verb: Verb,
  reach: Reach,
  situation: Situation | undefined,
  rights: Rights,
  table: Table,
): boolean {
  const { callers, fromGroups } = table[verb]
  if (kind === 'anonymous' || callers[kind] === undefined) return false
  // A runner has its role in the database and no other.
  if (kind === 'runner') return true
  const own = fromGroups ? [...roles, ...groupRoles] : roles
  const access = typeof reach === 'object' ? situation?.access : undefined
  if (access !== undefined && !own.some((role) => access.includes(role))) return false
  const grants = own.flatMap((role) => (Object.hasOwn(rights, role) ? (rights[role] ?? []) : []))
  return scope === undefined ? holds(grants, verb, reach) : bothHold(grants, scope, verb, reach)
}

function isRelated(
  { kind, id, person }: Principal,
  verb: Verb,
  situation: Situation | undefined,
  table: Table,
): boolean {
  const { requesters = [], approvers = [], owner } = situation ?? {}
  const relation = kind === 'anonymous' ? undefined : table[verb].callers[kind]
  if (relation === 'own') return kind === 'runner' ? owner === id : requesters.includes(id)
  if (relation !== 'approver') return relation === 'any'
  return person !== undefined && approvers.includes(person) && !requesters.includes(person)
}
