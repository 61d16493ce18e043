import { expect, test } from 'vitest'
import type { Event } from '../journal/record/event.ts'
import type { RunStatus, StepStatus } from '../journal/fold.ts'
import { usage } from './usage.ts'

const now = Date.parse('2026-11-30T00:00:00Z')

/** A run of two steps, of which the second writes. */
function run(
  slug: string,
  minutes: number,
  more: { status?: RunStatus; step?: StepStatus; alert?: string; practice?: true; day?: number } = {},
) {
  const startedAt = new Date(Date.UTC(2026, 10, more.day ?? 20)).toISOString()
  const step = (id: string, status: StepStatus) => [id, { id, status, attempts: 1 }] as const
  return {
    plan: {
      steps: [
        { id: 'look', effect: 'read' },
        { id: 'act', effect: 'write' },
      ],
    } as never,
    state: {
      slug,
      status: more.status ?? 'succeeded',
      startedAt,
      endedAt: new Date(Date.parse(startedAt) + minutes * 60_000).toISOString(),
      inputs: {},
      steps: new Map([step('look', 'passed'), step('act', more.step ?? 'passed')]),
      ...(more.practice ? { practice: more.practice } : {}),
    },
    events: [{ data: more.alert === undefined ? {} : { alert: { name: more.alert } } }] as unknown as Event[],
  }
}

test('each runbook has its runs, its median time and its drills apart', () => {
  const runs = [
    run('restore', 10),
    run('restore', 30),
    run('restore', 90, { status: 'failed' }),
    run('restore', 1, { practice: true, status: 'rolled-back' }),
    run('restore', 1, { practice: true, status: 'failed' }),
    run('old', 5, { day: -200 }),
  ]
  expect(usage(runs, { now, days: 90 }).runbooks).toEqual([
    { slug: 'restore', ended: 3, succeeded: 2, usualMs: 1_200_000, drills: 2, drillsPassed: 1 },
  ])
})

test('an alert whose runs changed nothing is counted as such, and a drill is not', () => {
  const runs = [
    run('look', 1, { alert: 'Slow', step: 'skipped' }),
    run('look', 1, { alert: 'Slow', step: 'pending', status: 'abandoned' }),
    run('look', 1, { alert: 'Slow' }),
    run('look', 1, { alert: 'Down', step: 'undone', status: 'rolled-back' }),
    run('look', 1, { alert: 'Down', step: 'failed', status: 'failed' }),
    run('look', 1, { alert: 'Down', practice: true }),
    run('look', 1),
  ]
  expect(usage(runs, { now, days: 90 }).alerts).toEqual([
    { alert: 'Down', runs: 2, withoutAction: 0 },
    { alert: 'Slow', runs: 3, withoutAction: 2 },
  ])
})
