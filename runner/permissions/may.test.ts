import { describe, expect, test } from 'vitest'
import { routes as servedRoutes, teamRoutes } from '../commands/serve/routes.ts'
import { hubRoutes } from '../commands/serve/hub/routes.ts'
import { may } from './may.ts'
import type { Action, Principal, Rights, Situation, Verdict } from './may.ts'
import { kinds, table, verbs } from './table.ts'
import type { Relation, Row, Table } from './table.ts'

const rights: Rights = {
  reader: ['read:*'],
  operator: ['read:*', 'run:release-*', 'answer:release-*', 'stop:release-*'],
  'on-call': ['read:*', 'stop:*'],
  approver: ['read:*', 'decide:release-*'],
  admin: ['read:*', 'admin:*'],
  alerts: ['alert:*'],
  narrow: ['read:release-app', 'run:release-app', 'admin:release-app'],
  greedy: verbs.map((verb) => `${verb}:*`),
}

/** A caller, and the rights that it has in the end, written by hand: the statement that `may` is compared with. */
interface Caller extends Principal {
  name: string
  has: string
  /** Holds none of the roles that the narrowed runbook names. */
  outside: boolean
}

const everything = 'read:* run:* answer:* decide:* stop:* admin:*'

function caller(
  name: string,
  kind: Principal['kind'],
  from: {
    roles?: string[]
    groups?: string[]
    scope?: readonly string[]
    invalid?: true
    as?: string
    outside?: true
  },
  has: string,
): Caller {
  const { roles = [], groups = [], scope, invalid, as = name, outside } = from
  const isPerson = kind === 'human' || kind === 'service' || kind === 'agent'
  return {
    name,
    kind,
    id: kind === 'human' ? as : name,
    person: isPerson ? as : undefined,
    roles,
    scope,
    has,
    groupRoles: groups,
    isValid: invalid !== true,
    outside: outside === true,
  }
}

const callers: readonly Caller[] = [
  caller('nobody', 'anonymous', {}, ''),
  caller('nobody with roles', 'anonymous', { roles: ['greedy'] }, ''),
  caller('expired session', 'human', { roles: ['operator'], invalid: true }, ''),
  caller('expired session of everything', 'human', { roles: ['greedy'], invalid: true }, ''),
  caller('revoked token', 'service', { roles: ['operator'], scope: ['run:*', 'read:*'], invalid: true }, ''),
  caller('stranger', 'human', {}, ''),
  caller('unknown role', 'human', { roles: ['constructor', '__proto__', 'nothing'] }, ''),
  caller('reader', 'human', { roles: ['reader'], outside: true }, 'read:*'),
  caller('starter', 'human', { roles: ['operator'] }, 'read:* run:release-* answer:release-* stop:release-*'),
  caller(
    'operator',
    'human',
    { roles: ['operator'] },
    'read:* run:release-* answer:release-* stop:release-*',
  ),
  caller(
    'operator of a group',
    'human',
    { groups: ['operator'] },
    'read:* run:release-* answer:release-* stop:release-*',
  ),
  caller('approver', 'human', { roles: ['approver'], outside: true }, 'read:* decide:release-*'),
  caller('listed', 'human', { roles: ['approver'], outside: true }, 'read:* decide:release-*'),
  caller('listed by group only', 'human', { groups: ['approver'], as: 'listed', outside: true }, 'read:*'),
  caller('listed without the right', 'human', { roles: ['reader'], as: 'listed', outside: true }, 'read:*'),
  caller(
    'starter who is listed',
    'human',
    { roles: ['operator', 'approver'], as: 'starter' },
    'read:* run:release-* answer:release-* stop:release-* decide:release-*',
  ),
  caller(
    'listed operator',
    'human',
    { roles: ['operator', 'approver'], as: 'listed' },
    'read:* run:release-* answer:release-* stop:release-* decide:release-*',
  ),
  caller('on call', 'human', { roles: ['on-call'], outside: true }, 'read:* stop:*'),
  caller('on call of a group', 'human', { groups: ['on-call'], outside: true }, 'read:* stop:*'),
  caller('admin', 'human', { roles: ['admin'], outside: true }, 'read:* admin:*'),
  caller('admin of a group', 'human', { groups: ['admin'], outside: true }, 'read:* admin:*'),
  caller(
    'one runbook',
    'human',
    { roles: ['narrow'], outside: true },
    'read:release-app run:release-app admin:release-app',
  ),
  caller('alerts by a person', 'human', { roles: ['alerts'], outside: true }, ''),
  caller('everything', 'human', { roles: ['greedy'], as: 'listed', outside: true }, everything),
  caller(
    'everything of a group',
    'human',
    { groups: ['greedy'], as: 'listed', outside: true },
    'read:* run:* answer:* stop:* admin:*',
  ),
  caller('service', 'service', { roles: ['reader'], scope: ['read:*'], outside: true }, 'read:*'),
  caller(
    'service that runs',
    'service',
    { roles: ['operator'], scope: ['read:*', 'run:*', 'stop:release-*'] },
    'read:* run:release-* stop:release-*',
  ),
  caller(
    'service beyond its owner',
    'service',
    { roles: ['reader'], scope: rights['greedy'] ?? [], outside: true },
    'read:*',
  ),
  caller(
    'service of everything',
    'service',
    { roles: ['greedy'], scope: rights['greedy'] ?? [], as: 'listed', outside: true },
    'read:* run:* stop:* alert:*',
  ),
  caller(
    'service of other runbooks',
    'service',
    { roles: ['operator'], scope: ['read:db-*', 'run:db-*'] },
    'read:db-*',
  ),
  caller('service without scope', 'service', { roles: ['operator'], scope: [] }, ''),
  caller('webhook', 'service', { roles: ['alerts'], scope: ['alert:*'], outside: true }, 'alert:*'),
  caller('webhook of a group', 'service', { groups: ['alerts'], scope: ['alert:*'], outside: true }, ''),
  caller(
    'webhook of one',
    'service',
    { roles: ['alerts'], scope: ['alert:db-restore'], outside: true },
    'alert:db-restore',
  ),
  caller('agent that reads', 'agent', { roles: ['reader'], scope: ['read:*'], outside: true }, 'read:*'),
  caller(
    'agent',
    'agent',
    { roles: ['operator'], scope: ['read:*', 'run:release-*', 'stop:release-*'] },
    'read:* run:release-* stop:release-*',
  ),
  caller(
    'agent of everything',
    'agent',
    { roles: ['greedy'], scope: rights['greedy'] ?? [], as: 'listed', outside: true },
    'read:* run:* stop:*',
  ),
  caller(
    'agent beyond its person',
    'agent',
    { roles: ['reader'], scope: rights['greedy'] ?? [], outside: true },
    'read:*',
  ),
  caller('runner', 'runner', {}, 'ship:*'),
  caller('another runner', 'runner', {}, 'ship:*'),
  caller('runner of everything', 'runner', { roles: ['greedy'], outside: true }, 'ship:*'),
  caller('revoked runner', 'runner', { invalid: true, as: 'runner' }, ''),
  caller('hub', 'hub', {}, ''),
  caller('hub of everything', 'hub', { roles: ['greedy'], groups: ['greedy'], outside: true }, ''),
]

const app = {
  slug: 'release-app',
  requesters: ['starter'],
  approvers: ['listed', 'starter'],
  owner: 'runner',
}
const situations: Readonly<Record<string, Situation | undefined>> = {
  nothing: undefined,
  waiting: app,
  presence: { ...app, presence: true },
  over: { ...app, isOver: true },
  'another runbook': { ...app, slug: 'db-restore' },
  narrowed: { ...app, access: ['operator'] },
  'narrowed to nobody': { ...app, access: [] },
  'run of an agent': { ...app, requesters: ['agent'], approvers: ['listed', 'agent'] },
  'run of an agent, over': { ...app, requesters: ['agent'], isOver: true, presence: true },
  'taken over': { ...app, requesters: ['starter', 'listed'] },
  'owned by another': { ...app, owner: 'another runner' },
}

const actions: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(Object.entries(servedRoutes).map(([name, route]) => [`serve ${name}`, route])),
  ...Object.fromEntries(Object.entries(teamRoutes).map(([name, route]) => [`team ${name}`, route])),
  ...Object.fromEntries(Object.entries(hubRoutes).map(([name, route]) => [`hub ${name}`, route])),
  // Every action there could be, whether a route has it or not.
  ...Object.fromEntries(
    verbs.flatMap((verb) =>
      (['run', 'runbook', 'all', 'some'] as const).flatMap((on) =>
        [false, true].map((act) => [`${act ? 'act' : 'page'} ${verb} ${on}`, { verb, on, act }]),
      ),
    ),
  ),
}

/** The rules in sentences, in the order in which they are asked. None of them knows roles, scopes or the table. */
function stated(one: Caller, action: Action, situation: Situation | undefined): Verdict {
  const { verb, on, act } = action
  const isAbout = on === 'run' || on === 'runbook'
  const can = (wanted: string): boolean =>
    one.has.split(' ').some((grant) => {
      const [name = '', slugs = ''] = grant.split(':')
      if (name !== wanted) return false
      if (on === 'some') return true
      if (on === 'all') return slugs === '*'
      const start = slugs.replace('*', '')
      return slugs.includes('*') ? situation?.slug.startsWith(start) === true : situation?.slug === start
    })
  const isKeptOut =
    isAbout &&
    situation?.access !== undefined &&
    (situation.access.length === 0 || one.outside || one.roles.length + one.groupRoles.length === 0)

  // A page that is open is open.
  if (verb === 'open') return 'allow'
  // Without a credential that counts, there is nothing.
  if (one.kind === 'anonymous' || !one.isValid) return 'sign-in'
  // An account belongs to a person.
  if (verb === 'self') return one.kind === 'human' ? 'allow' : 'forbidden'
  if (isAbout && !situation) return 'unknown'
  // A runner ships its own runs.
  if (verb === 'ship') {
    const isOwn = on !== 'run' || !act || situation?.owner === one.name
    if (one.kind !== 'runner' || !isOwn) return 'forbidden'
    return act && on === 'run' && situation?.isOver === true ? 'over' : 'allow'
  }
  // Whoever may not read a runbook learns nothing of it.
  if (isAbout && (!can('read') || isKeptOut)) return 'unknown'
  if (!can(verb)) return 'forbidden'
  if (!act || on !== 'run') return 'allow'
  // An approver is named by the run and has no part in it; an agent stops its own runs.
  const hasPart = situation?.requesters?.includes(one.person ?? '') === true
  if (verb === 'decide' && (situation?.approvers?.includes(one.person ?? '') !== true || hasPart))
    return 'forbidden'
  if (verb === 'stop' && one.kind === 'agent' && situation?.requesters?.includes(one.name) !== true)
    return 'forbidden'
  if (situation?.isOver === true) return 'over'
  const needsPerson = situation?.presence === true && (verb === 'answer' || verb === 'decide')
  return needsPerson && action.signed !== true ? 'presence' : 'allow'
}

interface Cell {
  caller: Caller
  action: Action
  situation: Situation | undefined
  name: string
}

const cells: readonly Cell[] = callers.flatMap((one) =>
  Object.entries(actions).flatMap(([action, asked]) =>
    Object.entries(situations).map(([name, situation]) => ({
      caller: one,
      action: asked,
      situation,
      name: `${one.name}, ${action}, ${name}`,
    })),
  ),
)

const answers = cells.map(({ caller: one, action, situation }) => may(one, action, situation, rights))

test('over ten thousand cells, the table gives what the rules state', () => {
  expect(cells.length).toBeGreaterThan(10_000)
  const wrong = cells.flatMap(({ caller: one, action, situation, name }, index) => {
    const expected = stated(one, action, situation)
    return expected === answers[index] ? [] : [`${name}: ${answers[index]}, stated ${expected}`]
  })
  expect(wrong).toEqual([])
})

test('each verdict is given somewhere', () => {
  expect(new Set(answers)).toEqual(new Set(['allow', 'sign-in', 'forbidden', 'unknown', 'over', 'presence']))
})

describe('a change of the rules is noticed', () => {
  interface Change {
    rights?: Rights
    table?: Table
    action?: Partial<Action>
    /** The cells that the change can reach; others need no look. */
    within?: (cell: Cell) => boolean
  }
  const isNoticed = ({ within = () => true, action, ...changed }: Change): boolean =>
    cells.some((cell, index) => {
      if (!within(cell)) return false
      const asked = action ? { ...cell.action, ...action } : cell.action
      const { caller: one, situation } = cell
      return may(one, asked, situation, changed.rights ?? rights, changed.table ?? table) !== answers[index]
    })
  const survivors = (mutants: Iterable<[name: string, isNoticed: boolean]>): string[] =>
    [...mutants].flatMap(([name, noticed]) => (noticed ? [] : [name]))
  const withRow = (verb: (typeof verbs)[number], row: Partial<Row>): Table => ({
    ...table,
    [verb]: { ...table[verb], ...row },
  })

  test('in the kinds of callers and their relations', () => {
    const relations: readonly (Relation | undefined)[] = ['any', 'own', 'approver', undefined]
    const mutants = verbs.flatMap((verb) =>
      kinds.flatMap((kind) =>
        relations
          .filter((relation) => relation !== table[verb].callers[kind])
          .map((relation): [string, boolean] => {
            const { [kind]: _, ...others } = table[verb].callers
            const row = { callers: relation === undefined ? others : { ...others, [kind]: relation } }
            return [
              `${verb} ${kind} ${relation}`,
              isNoticed({ table: withRow(verb, row), within: ({ caller: one }) => one.kind === kind }),
            ]
          }),
      ),
    )
    expect(mutants.length).toBeGreaterThan(50)
    expect(survivors(mutants)).toEqual([])
  })

  test('in groups and presence', () => {
    const flags = ['fromGroups', 'presence'] as const
    const mutants = verbs.flatMap((verb) =>
      flags
        // A runner has no roles, so none of a group.
        .filter((flag) => verb !== 'ship' || flag !== 'fromGroups')
        .map((flag): [string, boolean] => [
          `${verb} ${flag}`,
          isNoticed({ table: withRow(verb, { [flag]: !table[verb][flag] }) }),
        ]),
    )
    expect(survivors(mutants)).toEqual([])
  })

  test('in one right of one role, dropped or added', () => {
    const has =
      (role: string) =>
      ({ caller: one }: Cell): boolean =>
        one.roles.includes(role) || one.groupRoles.includes(role)
    const mutants = Object.entries(rights).flatMap(([role, grants]) => [
      ...grants
        // No role gives it.
        .filter((grant) => grant !== 'ship:*')
        .map((grant): [string, boolean] => [
          `${role} without ${grant}`,
          isNoticed({
            rights: { ...rights, [role]: grants.filter((one) => one !== grant) },
            within: has(role),
          }),
        ]),
      ...(['read', 'run', 'answer', 'decide', 'stop', 'admin'] as const)
        .filter((verb) => !grants.some((grant) => grant.startsWith(`${verb}:`)))
        .map((verb): [string, boolean] => [
          `${role} with ${verb}`,
          isNoticed({ rights: { ...rights, [role]: [...grants, `${verb}:*`] }, within: has(role) }),
        ]),
    ])
    expect(survivors(mutants)).toEqual([])
  })

  test('in the right that a route needs', () => {
    const mutants = Object.entries(actions).flatMap(([name, action]) =>
      [...verbs, 'open' as const, 'self' as const]
        .filter((verb) => verb !== action.verb)
        .map((verb): [string, boolean] => [
          `${name} by ${verb}`,
          isNoticed({ action: { verb }, within: (cell) => cell.action === action }),
        ]),
    )
    expect(survivors(mutants)).toEqual([])
  })
})
