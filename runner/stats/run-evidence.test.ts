import { expect, test } from 'vitest'
import type { RunState } from '../journal/fold.ts'
import type { Story, StoryStep } from '../journal/story/story.ts'
import { evidenceOf, lastDrillOf } from './run-evidence.ts'

function told(
  run: string,
  status: RunState['status'],
  day: string,
  ms: number,
  practice: boolean,
  step: string,
) {
  const endedAt = `${day}T10:00:00.000Z`
  const state = { status, endedAt, inputs: {}, ...(practice ? { practice: true } : {}) } as RunState
  const steps = [{ id: 'a', status: step, endedAt, ms }] as unknown as StoryStep[]
  return { run, state, story: { head: { ms }, steps } as Story }
}

const runs = [
  told('one', 'succeeded', '2026-01-01', 1000, false, 'passed'),
  told('two', 'failed', '2026-02-01', 9000, false, 'failed'),
  told('three', 'succeeded', '2026-03-01', 3000, false, 'passed'),
  told('four', 'rolled-back', '2026-04-01', 2000, true, 'undone'),
]

test('evidence has the last success, the last drill, the rate and the times, for the runbook and each step', () => {
  const { steps, ...whole } = evidenceOf(runs)
  expect(whole).toEqual({
    passed: 3,
    ended: 4,
    lastSuccess: { run: 'four', at: '2026-04-01T10:00:00.000Z' },
    lastDrill: { run: 'four', at: '2026-04-01T10:00:00.000Z' },
    usualMs: 2000,
    slowestMs: 3000,
  })
  expect(steps.get('a')).toMatchObject({ passed: 3, ended: 4 })
  expect(steps.get('b')).toBeUndefined()
})

test('the usual time of an even number of runs lies between the two in the middle, as in the figures', () => {
  expect(evidenceOf(runs.slice(0, 3))).toMatchObject({ usualMs: 2000, slowestMs: 3000 })
})

test('a drill that failed keeps no promise', () => {
  const failed = told('five', 'failed', '2026-05-01', 1, true, 'failed')
  expect(lastDrillOf([...runs, failed])).toBe('2026-04-01T10:00:00.000Z')
  expect(lastDrillOf([failed])).toBeUndefined()
})
