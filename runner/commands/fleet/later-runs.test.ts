import { expect, test } from 'vitest'
import { fleetOver } from '../../../test/support/fleet.ts'
import { meanings } from './decide-fleet.ts'
import type { ReadFleet } from '../../team/fleet/believe.ts'
import { laterRuns } from '../../team/fleet/later-runs.ts'
import { standing } from '../../team/fleet/standing.ts'
import type { TargetRun, TeamRun } from '../../team/port.ts'

const fleet = fleetOver(
  ['x', 'y', 'z'].map((name) => ({ name, run: `run-${name}`, key: `host ${name}`, inputs: {} })),
)
const ended = (run: string, at: number): TargetRun => ({
  run,
  state: 'ended',
  status: 'succeeded',
  waiting: '',
  runner: 'a',
  size: 3,
  endedAt: new Date(at),
  declined: {},
})
const runs = fleet.targets.map(({ run }) => ended(run, 1000))
const other = (key: string, more: Partial<TeamRun> = {}): TeamRun =>
  ({
    ...ended('other', 2000),
    key,
    ownedAt: new Date(1500),
    orderedAt: new Date(500),
    ...more,
  }) as TeamRun

test.each<[string, TeamRun, string[]]>([
  ['began after it ended', other('host y'), ['y']],
  ['goes on', other('host y', { state: 'owned', endedAt: null }), ['y']],
  ['failed', other('host y', { status: 'failed' }), ['y']],
  ['began before', other('host y', { ownedAt: new Date(900) }), []],
  ['was rolled back', other('host y', { status: 'rolled-back' }), []],
  ['has not begun', other('host y', { size: 0 }), []],
  ['has another key', other('host w'), []],
  ['is of the same order', other('host y', { run: 'run-z' }), []],
])(
  'a target is changed since the order by a run of its key that is not rolled back: one that %s',
  (_, one, names) => {
    expect(laterRuns(fleet, runs, [one])).toEqual(names.map((name) => ({ name, run: one.run })))
  },
)

test('the undo of an order leaves out targets that a later run has changed, and says so, unless they are named', () => {
  const read = { fleet, runs, standing: standing(fleet, runs, [], 5000) } as unknown as ReadFleet
  const later = laterRuns(fleet, runs, [other('host y')])
  expect(meanings.undo(read, [], [])).toMatchObject({ runs: [] })
  const { runs: undone, words } = meanings.undo(read, [], later)
  expect(undone).toEqual(['run-x', 'run-z'])
  expect(words).toContain('2 targets; left out, because a later run changed them: y (other)')
  expect(meanings.undo(read, ['y'], later)).toMatchObject({ runs: ['run-y'] })
  expect(meanings.undo(read, ['y'], later).words).not.toContain('left out')
  const all = ['x', 'y', 'z'].map((name) => ({ name, run: 'other' }))
  expect(() => meanings.undo(read, [], all)).toThrow(
    /no target of it is to be rolled back; left out.*x \(other\)/,
  )
})
