import fc from 'fast-check'
import { expect, test } from 'vitest'
import { armsOf, newEntry, percentageOf, stateOf, withTargeting } from './flag-entry.ts'
import type { FlagEntry } from './flag-entry.ts'
import type { FlagState } from './flag-model.ts'
import {
  archiveProblem,
  changeProblem,
  expiryOf,
  killedWith,
  requiresProblem,
  restoreProblem,
  stageProblem,
} from './flag-rules.ts'
import { evaluateText } from './flagd.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const rules = { now, afterKill: false }
const nobody = { users: [], groups: [] }
const about = {
  owner: 'web',
  type: 'release',
  description: '',
  tags: [],
  requires: [],
  expires: '',
  created: '2026-11-01T00:00:00Z',
} as const

/** A flag as the program makes it. */
function flag(
  key: string,
  percentage: number,
  {
    requires = [],
    named = nobody,
    ...meta
  }: { requires?: string[]; named?: typeof nobody | { users: string[]; groups: string[] } } & Partial<
    FlagState['meta']
  > = {},
): FlagState {
  const made = stateOf(
    key,
    'lab',
    withTargeting(key, newEntry({ ...about, key, requires, percentage }), percentage, named),
  )
  const state = { ...made, meta: { ...made.meta, ...meta } }
  return { ...state, isKilled: state.meta.killed !== '' && state.meta.killed === state.meta.changed }
}

const raise = (one: FlagState, percentage: number, all: FlagState[] = [one], how = rules) =>
  changeProblem(one, { percentage, named: one.named }, all, how)?.message

test('a flag without an owner is given to no more users, and can always go to fewer', () => {
  const one = flag('ui_x', 10, { owner: '' })
  expect(raise(one, 25)).toBe('`ui_x` has no owner: it is not given to more users')
  expect(raise(one, 5)).toBeUndefined()
  expect(
    changeProblem(one, { percentage: 10, named: { users: ['u'], groups: [] } }, [one], rules),
  ).toBeDefined()
})

test('a killed flag stays off until somebody decides otherwise', () => {
  const at = '2026-11-21T11:00:00Z'
  const one = flag('ui_x', 0, { killed: at, changed: at })
  expect(raise(one, 50)).toBe(`\`ui_x\` was killed at ${at}: it stays off`)
  expect(raise(one, 0)).toBeUndefined()
  expect(raise(one, 50, [one], { now, afterKill: true })).toBeUndefined()
})

test('an expired flag goes to all users or to fewer, and to no share between', () => {
  const one = flag('ui_x', 10, { expires: '2026-11-20' })
  expect(raise(one, 50)).toContain('expired on 2026-11-20')
  expect([raise(one, 100), raise(one, 5)]).toEqual([undefined, undefined])
  expect(raise(flag('ui_x', 10, { expires: '2026-11-21' }), 50)).toBeUndefined()
})

test('a new flag gets its last day from its type, and a switch for operations that stay gets none', () => {
  expect(
    ['release', 'experiment', 'operational', 'kill-switch', 'permission'].map((type) => expiryOf(type, now)),
  ).toEqual(['2026-12-31', '2026-12-31', '2026-11-28', '', ''])
})

test('a stage is refused when fewer users have the flag than it was decided for', () => {
  expect(stageProblem(flag('ui_x', 0), 25)?.message).toContain('is on for 0 % of the users')
  expect([stageProblem(flag('ui_x', 25), 25), stageProblem(flag('ui_x', 50), 25)]).toEqual([
    undefined,
    undefined,
  ])
})

test('a flag goes on only where each flag it requires is on for everybody', () => {
  const child = flag('ui_child', 0, { requires: ['ui_parent'] })
  expect(raise(child, 10, [child, flag('ui_parent', 50)])).toContain(
    'requires `ui_parent`, which is on for 50 %',
  )
  expect(raise(child, 10, [child])).toContain('does not exist')
  expect(raise(child, 10, [child, flag('ui_parent', 100)])).toBeUndefined()
})

test('users and groups who are named get a flag before all, when the flag it requires names them too', () => {
  const beta = { users: [], groups: ['beta'] }
  const child = flag('ui_child', 0, { requires: ['ui_parent'] })
  const target = (parent: FlagState) =>
    changeProblem(child, { percentage: 0, named: beta }, [child, parent], rules)
  expect(target(flag('ui_parent', 10))?.message).toContain('requires `ui_parent`')
  expect(target(flag('ui_parent', 0, { named: beta }))).toBeUndefined()
})

test('a flag that others need is taken from nobody while they are on', () => {
  const parent = flag('ui_parent', 100)
  const child = flag('ui_child', 10, { requires: ['ui_parent'] })
  expect(raise(parent, 50, [parent, child])).toBe(
    '`ui_child` would be on without `ui_parent`, which it requires',
  )
  expect(raise(parent, 50, [parent, flag('ui_child', 0, { requires: ['ui_parent'] })])).toBeUndefined()
  expect(archiveProblem(parent, [parent, child])?.message).toBe('`ui_child` requires `ui_parent`')
  expect(raise(flag('ui_parent', 10), 50, [flag('ui_parent', 10), child])).toBeUndefined()
})

test('a kill meets every flag that is on and requires the flag, directly or by others', () => {
  const all = [
    flag('ui_a', 100),
    flag('ui_b', 100, { requires: ['ui_a'] }),
    flag('ui_c', 10, { requires: ['ui_b', 'ui_a'] }),
    flag('ui_d', 0, { requires: ['ui_a'] }),
    flag('ui_e', 100),
  ]
  expect(killedWith('ui_a', all).map(({ key }) => key)).toEqual(['ui_b', 'ui_c'])
  expect(killedWith('ui_e', all)).toEqual([])
})

test('a circle of requirements is refused, and one that is there already ends no search', () => {
  const all = [
    flag('ui_a', 0, { requires: ['ui_b'] }),
    flag('ui_b', 0, { requires: ['ui_c'] }),
    flag('ui_c', 0),
  ]
  const problem = (key: string, requires: string[]) =>
    requiresProblem({ key, percentage: 0, named: nobody }, { requires }, all)
  expect(problem('ui_c', ['ui_a'])?.message).toBe(
    '`ui_c` cannot require `ui_a`, which requires `ui_b`, which requires `ui_c`: that is a circle',
  )
  expect(problem('ui_c', ['ui_c'])?.message).toContain('that is a circle')
  expect(problem('ui_c', ['ui_none'])?.message).toContain('does not exist')
  expect(problem('ui_a', ['ui_c'])).toBeUndefined()
  const round = [flag('ui_a', 100, { requires: ['ui_b'] }), flag('ui_b', 100, { requires: ['ui_a'] })]
  expect(killedWith('ui_a', round).map(({ key }) => key)).toEqual(['ui_b'])
})

test('states are brought back only when what each requires is on then', () => {
  const off = [flag('ui_parent', 0), flag('ui_child', 0, { requires: ['ui_parent'] })]
  const child = flag('ui_child', 10, { requires: ['ui_parent'] })
  expect(restoreProblem(child, off)?.message).toContain('requires `ui_parent`')
  expect(restoreProblem({ ...flag('ui_parent', 100), killedWith: [child] }, off)).toBeUndefined()
})

const thousandths = fc.integer({ min: 0, max: 100_000 }).map((count) => count / 1000)
const theme = newEntry({
  ...about,
  key: 'ui_theme',
  percentage: 0,
  variants: { values: { light: 'light', dark: '#000', blue: '#00f', green: '#0f0' }, off: 'light' },
})
const onOff = newEntry({ ...about, key: 'ui_x', percentage: 0 })
const variantOf = (
  key: string,
  entry: FlagEntry,
  percentage: number,
  users: readonly string[],
): (string | undefined)[] =>
  evaluateText(
    JSON.stringify({ flags: { [key]: withTargeting(key, entry, percentage, nobody) } }),
    key,
    users.map((targetingKey) => ({ targetingKey })),
  ).map(({ variant }) => variant)

test.each([
  ['ui_x', onOff],
  ['ui_theme', theme],
])('whoever has %s at one share has the same variant at every larger share', (key, entry) => {
  const { off } = armsOf(entry)
  fc.assert(
    fc.property(
      thousandths,
      thousandths,
      fc.array(fc.uuid(), { minLength: 20, maxLength: 20 }),
      (one, other, users) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)]
        const before = variantOf(key, entry, less, users)
        const after = variantOf(key, entry, more, users)
        expect(before.filter((variant, index) => variant !== off && variant !== after[index])).toEqual([])
        expect(variantOf(key, entry, less, users)).toEqual(before)
      },
    ),
    { numRuns: 100 },
  )
})

test('a share of a thousandth of a percent is read back from the flag as it was set', () => {
  fc.assert(
    fc.property(thousandths, (percentage) => {
      expect(percentageOf('ui_x', withTargeting('ui_x', onOff, percentage, nobody))).toBe(percentage)
      expect(percentageOf('ui_theme', withTargeting('ui_theme', theme, percentage, nobody))).toBe(percentage)
    }),
  )
})

test('the arms of a flag share its users evenly, and a kill gives everybody the same variant', () => {
  const users = Array.from({ length: 6000 }, (_, index) => `user-${index}`)
  const got = variantOf('ui_theme', theme, 50, users)
  const count = (name: string): number => got.filter((variant) => variant === name).length
  expect(Math.abs(count('light') - 3000)).toBeLessThan(120)
  for (const name of ['dark', 'blue', 'green']) expect(Math.abs(count(name) - 1000)).toBeLessThan(90)
  expect(new Set(variantOf('ui_theme', theme, 0, users))).toEqual(new Set(['light']))
})

test('users who are named get an arm whatever the share', () => {
  const named = withTargeting('ui_theme', theme, 0, { users: ['ann'], groups: ['beta'] })
  const text = JSON.stringify({ flags: { ui_theme: named } })
  const [ann, bea, cid] = evaluateText(text, 'ui_theme', [
    { targetingKey: 'ann' },
    { targetingKey: 'bea', group: 'beta' },
    { targetingKey: 'cid' },
  ])
  expect([ann?.on, bea?.on, cid]).toEqual([true, true, { on: false, variant: 'light', value: 'light' }])
  expect(percentageOf('ui_theme', named)).toBe(0)
})
