import { expect, test } from 'vitest'
import { incidentSchema } from '../status/incident-file.ts'
import { figures, isDrill } from './run-stats.ts'
import type { CountedRun } from './run-stats.ts'

const now = Date.parse('2026-11-21T00:00:00Z')
const at = (day: number, hour = 0): string => new Date(Date.UTC(2026, 10, day, hour)).toISOString()
const run = (
  counts: CountedRun['counts'],
  status: CountedRun['status'],
  from: string,
  to: string,
  more: Partial<CountedRun> = {},
): CountedRun => ({
  run: `${counts} ${from}`,
  counts,
  status,
  startedAt: from,
  endedAt: to,
  ms: Date.parse(to) - Date.parse(from),
  rollbackMs: undefined,
  inputs: {},
  ...more,
})
const incident = (severity: string, hours: number, drill = false) =>
  incidentSchema.parse({
    id: 'INC',
    title: 't',
    impact: 'major',
    severity,
    drill,
    startedAt: at(10),
    resolvedAt: at(10, hours),
    updates: [{ id: 'u', at: at(10), status: 'resolved', body: '', by: '' }],
  })

test('the figures are exactly those of the journals', () => {
  const runs = [
    ...[1, 5, 9].map((day) => run('release', 'succeeded', at(day), at(day, 1))),
    run('release', 'rolled-back', at(12), at(12, 2), { rollbackMs: 3_600_000 }),
    run('flag-rollout', 'succeeded', at(1), at(2), { inputs: { flag: 'ui_x' } }),
    run('flag-retirement', 'succeeded', at(20), at(20, 12), { inputs: { flag: 'ui_x' } }),
  ]
  const byName = Object.fromEntries(
    figures(runs, [incident('P1', 1), incident('P1', 2), incident('P0', 4), incident('P1', 9, true)], {
      now,
      days: 28,
    }).map(({ name, value, good }) => [name, [value, good]]),
  )
  const hour = 3_600_000
  expect(byName).toEqual({
    Releases: [1.5, true],
    'Releases that succeeded': [0.75, false],
    'Time to restore, P0': [4 * hour, undefined],
    'Time to restore, P1': [1.5 * hour, true],
    'Time of a rollback': [hour, undefined],
    'Life of a flag': [19.5 * 24 * hour, true],
  })
})

test('a run of a rollback runbook counts as a rollback, and one inside another of its kind counts once', () => {
  const hour = 3_600_000
  const runs = [
    run('rollback', 'succeeded', at(1), at(1, 2)),
    run('rollback', 'failed', at(2), at(2, 9)),
    run('release', 'succeeded', at(3), at(3, 1)),
    run('release', 'succeeded', at(3), at(3, 1), { run: 'inner', parent: `release ${at(3)}` }),
    run('rollback', 'succeeded', at(4), at(4, 4), { parent: `release ${at(3)}` }),
  ]
  const results = figures(runs, [], { now, days: 28 })
  expect(results.find(({ name }) => name === 'Time of a rollback')).toMatchObject({ value: 3 * hour, of: 2 })
  expect(results.find(({ name }) => name === 'Releases')).toMatchObject({ of: 1 })
})

test('a run on loopback, on the lab or marked as one is practice', () => {
  for (const inputs of [{ lab: 'http://127.0.0.1:1' }, { environment: 'lab' }, { drill: true }])
    expect(isDrill({ inputs })).toBe(true)
  expect(isDrill({ inputs: { environment: 'production' } })).toBe(false)
})
