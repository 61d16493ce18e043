import { expect, test } from 'vitest'
import { incidentSchema } from './incident-file.ts'
import { parseSeverities } from './severities.ts'
import { escalations, timersOf } from './times.ts'

const start = Date.parse('2026-11-21T09:00:00Z')
const minutes = (count: number): number => start + count * 60_000
const { severities } = parseSeverities('content/severities.yaml')
const resolving = parseSeverities('content/severities.yaml', 'resolution-times').severities
const incident = (statuses: string[]) =>
  incidentSchema.parse({
    id: 'INC',
    title: 't',
    impact: 'major',
    startedAt: new Date(start).toISOString(),
    updates: statuses.map((status, index) => ({
      id: `u${index}`,
      at: new Date(minutes(index * 10)).toISOString(),
      status,
      body: '',
      by: '',
    })),
  })
const of = (id: string, list = severities) => list.find((one) => one.id === id) ?? expect.fail(id)

test.each([
  ['P0', 5],
  ['P1', 15],
  ['P2', 60],
  ['P3', 1440],
])('%s is to be answered within %i minutes, and is overdue a moment later', (id, limit) => {
  const at = (now: number) =>
    timersOf(incident(['investigating']), of(id), now, false).find(({ name }) => name === 'respond')
  expect(at(minutes(limit))).toMatchObject({ due: minutes(limit), overdue: false })
  expect(at(minutes(limit) + 1)?.overdue).toBe(true)
})

test('an update starts the clock of the next one; a resolved incident owes a postmortem within 48 hours', () => {
  const open = timersOf(incident(['investigating', 'identified']), of('P1'), minutes(31), true)
  expect(open).toEqual([{ name: 'update', due: minutes(30), overdue: true }])
  const over = incident(['investigating', 'resolved'])
  expect(timersOf(over, of('P1'), minutes(10 + 48 * 60 + 1), true)).toEqual([
    { name: 'postmortem', due: minutes(10 + 48 * 60), overdue: true },
  ])
  expect(timersOf(over, of('P2'), minutes(9999), true)).toEqual([])
})

test('the preset with times to resolve has a timer for them', () => {
  const names = timersOf(incident(['investigating']), of('P0', resolving), start, false).map(
    ({ name, due }) => [name, due],
  )
  expect(names).toEqual([
    ['respond', minutes(15)],
    ['update', minutes(20)],
    ['resolve', minutes(240)],
  ])
})

test('three are called after 5, 15 and 30 minutes, and nobody more once somebody has acknowledged', () => {
  const called = (now: number, acknowledged?: number) =>
    escalations(of('P0'), start, minutes(now), acknowledged === undefined ? undefined : minutes(acknowledged))
  expect([4, 5, 14, 15, 29, 30].map((now) => called(now).length)).toEqual([0, 1, 1, 2, 2, 3])
  expect(called(60, 10)).toEqual(['on-call'])
})
