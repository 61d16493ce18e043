import { expect, test } from 'vitest'
import type { Event } from '../journal/record/event.ts'
import { fold } from '../journal/fold.ts'
import type { Plan } from '../model/plan.ts'
import type { ToldRun } from './run-stats.ts'
import { incidentSchema } from '../status/incident-file.ts'
import { trends } from './trends.ts'

const by = { id: 'alice', host: 'laptop', via: 'terminal' }

/** A release of one day that ended so. */
function release(day: string, status: 'succeeded' | 'failed', more: object = {}): ToldRun {
  const event = (seq: number, type: Event['type'], data: object): Event =>
    ({
      v: 1,
      seq,
      ts: `${day}T10:00:0${seq}.000Z`,
      run: day,
      type,
      key: '',
      actor: by,
      data,
      prev: '',
    }) as never
  const events = [
    event(0, 'run-started', {
      slug: 'r',
      title: 'R',
      inputs: {},
      steps: [],
      documentSha256: '',
      planSha256: '',
      ...more,
    }),
    event(1, 'run-ended', { status, message: '' }),
  ]
  const plan = { format: 1, slug: 'r', title: 'R', inputs: {}, secrets: [], steps: [], counts: 'release' }
  return { plan: plan as unknown as Plan, state: fold(events), events }
}

test('a figure has a value for each part of the days, and practice is not in it', () => {
  const runs = [
    release('2026-09-10', 'succeeded'),
    release('2026-11-10', 'succeeded'),
    release('2026-11-12', 'failed'),
    release('2026-11-13', 'failed', { practice: true }),
  ]
  const all = trends(runs, [], { now: Date.parse('2026-11-21T00:00:00Z'), days: 90 })
  const share = all.find(({ name }) => name === 'Releases that succeeded')
  expect(share?.parts.map(({ to, figure: { value, of } }) => [to, value, of])).toEqual([
    ['2026-09-07', undefined, 0],
    ['2026-09-22', 1, 1],
    ['2026-10-07', undefined, 0],
    ['2026-10-22', undefined, 0],
    ['2026-11-06', undefined, 0],
    ['2026-11-21', 0.5, 2],
  ])
  expect(all.map(({ name }) => name)).toEqual(['Releases', 'Releases that succeeded'])
})

test('a figure that one part of the days alone has is shown over all of them', () => {
  const incident = incidentSchema.parse({
    id: 'INC-1',
    title: 'Down',
    impact: 'critical',
    severity: 'P1',
    startedAt: '2026-11-20T10:00:00.000Z',
    resolvedAt: '2026-11-20T11:00:00.000Z',
    updates: [
      {
        id: 'u1',
        at: '2026-11-20T10:00:00.000Z',
        status: 'investigating',
        body: 'Down.',
        by: 'ann',
        components: { api: 'major_outage' },
      },
      {
        id: 'u2',
        at: '2026-11-20T11:00:00.000Z',
        status: 'resolved',
        body: 'Up.',
        by: 'ann',
        components: { api: 'operational' },
      },
    ],
  })
  const all = trends([], [incident], { now: Date.parse('2026-11-21T00:00:00Z'), days: 90 })
  const restore = all.find(({ name }) => name === 'Time to restore, P1')
  expect(restore?.parts.map(({ figure: { value } }) => value)).toEqual([
    ...Array.from({ length: 5 }, () => undefined),
    3_600_000,
  ])
})
