import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeOrder } from './order.ts'
import { dueMoments, nextMoments, readSchedules, scheduleDoubt } from './schedules.ts'
import type { Schedule } from './schedules.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'schedules-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string) {
  const file = join(folder, 'schedules.yaml')
  writeFileSync(file, text)
  return readSchedules(file, 'content/schedules.yaml')
}

function schedule(fields: string): Schedule {
  const all = read(`schedules:\n  nightly: { runbook: backup, by: clock@services, ${fields} }\n`)
  if (!all.ok) throw new Error(all.problem.message)
  return all.value[0] as Schedule
}

const iso = (moments: readonly Date[]): string[] =>
  moments.map((one) => one.toISOString().replace(':00.000Z', 'Z'))
const window = (since: string, now: string) => ({ since: new Date(since), now: new Date(now) })

test('a moment that daylight saving leaves out comes when it ends, and one that it repeats comes once', () => {
  const berlin = schedule('cron: "30 2 * * *", zone: Europe/Berlin')
  expect(iso(nextMoments(berlin, new Date('2026-03-28T12:00:00Z'), 2))).toEqual([
    '2026-03-29T01:00Z',
    '2026-03-30T00:30Z',
  ])
  expect(iso(nextMoments(berlin, new Date('2026-10-24T12:00:00Z'), 2))).toEqual([
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ])
  // Seen from after it, each is the same moment.
  const all = schedule('cron: "30 2 * * *", zone: Europe/Berlin, missed: all, within: 48h')
  expect(iso(dueMoments(all, window('2026-03-28T12:00Z', '2026-03-30T12:00Z')))).toEqual([
    '2026-03-29T01:00Z',
    '2026-03-30T00:30Z',
  ])
  expect(iso(dueMoments(all, window('2026-10-24T12:00Z', '2026-10-26T12:00Z')))).toEqual([
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ])
})

test('missed moments are left out, ordered once, or all up to a bound', () => {
  const hourly = 'cron: "0 * * * *"'
  const outage = window('2026-11-01T00:00Z', '2026-11-30T12:30Z')
  expect(iso(dueMoments(schedule(hourly), outage))).toEqual([])
  expect(iso(dueMoments(schedule(`${hourly}, missed: once`), outage))).toEqual(['2026-11-30T12:00Z'])
  expect(iso(dueMoments(schedule(`${hourly}, missed: all, most: 3`), outage))).toEqual([
    '2026-11-30T10:00Z',
    '2026-11-30T11:00Z',
    '2026-11-30T12:00Z',
  ])
  expect(iso(dueMoments(schedule(`${hourly}, missed: all, within: 90m`), outage))).toEqual([
    '2026-11-30T12:00Z',
  ])
  expect(iso(dueMoments(schedule(hourly), window('2026-11-01T00:00Z', '2026-11-30T12:00:40Z')))).toEqual([
    '2026-11-30T12:00Z',
  ])
})

test('no moment before the schedule was there is due', () => {
  const all = schedule('cron: "0 * * * *", missed: all')
  expect(iso(dueMoments(all, window('2026-11-30T11:30Z', '2026-11-30T12:30Z')))).toEqual([
    '2026-11-30T12:00Z',
  ])
  expect(dueMoments(all, window('2026-11-30T12:10Z', '2026-11-30T12:30Z'))).toEqual([])
})

test('a clock that goes back gives moments that were due before, under the same name', () => {
  const all = schedule('cron: "0 * * * *", missed: all, within: 1h')
  const before = dueMoments(all, window('2026-11-01T00:00Z', '2026-11-30T12:01Z'))
  expect(dueMoments(all, window('2026-11-01T00:00Z', '2026-11-30T12:00:30Z'))).toEqual(before)
})

test('the digest of a schedule changes with each of its fields, and not with its spelling', () => {
  const digest = (fields: string) => schedule(fields).sha256
  expect(digest('cron: "0 3 * * *"')).toBe(digest('zone: UTC, cron: "0 3 * * *", missed: skip'))
  for (const other of [
    'cron: "0 4 * * *"',
    'cron: "0 3 * * *", inputs: { a: 1 }',
    'cron: "0 3 * * *", on: x',
  ])
    expect(digest(other)).not.toBe(digest('cron: "0 3 * * *"'))
})

test.each([
  ['schedules: [', /schedules.yaml:\d+:\d+: Invalid YAML/],
  [
    'schedules:\n  a: { runbook: x, by: y, cron: "99 * * * *" }\n',
    /schedules.yaml:2:6: Invalid `schedules.a`/,
  ],
  ['schedules:\n  a: { runbook: x, by: y, cron: "0 0 0 * * *" }\n', /schedules.yaml:2:6/],
  ['schedules:\n  a: { runbook: x, by: y, cron: "0 * * * *", zone: Mars/Base }\n', /schedules.yaml:2:6/],
  ['schedules:\n  a: { runbook: x, by: y, cron: "0 * * * *", within: 5 }\n', /schedules.yaml:2:\d+/],
  ['schedules:\n  A b: { runbook: x, by: y, cron: "0 * * * *" }\n', /schedules.yaml/],
])('%j is refused with its place', (text, words) => {
  const all = read(text)
  expect(all.ok ? '' : all.problem.message).toMatch(words)
})

test('a runner believes the order of a schedule only as its own checkout has it', () => {
  const own = schedule('cron: "0 3 * * *"')
  const { name, sha256 } = own
  const order = makeOrder({
    run: '20261130-030000-nightly-2222',
    slug: 'backup',
    documentSha256: '',
    includes: {},
    inputs: {},
    key: 'backup',
    wants: '',
    notBefore: '',
    expires: '2026-11-30T04:00:00.000Z',
    by: { id: 'clock@services', host: 'h', via: 'schedule' },
    from: '',
    practice: false,
    alert: {},
    schedule: { name, moment: '2026-11-30T03:00:00.000Z', sha256 },
  })
  const at = Date.parse('2026-11-30T03:00:30Z')
  const doubt = (changes: Partial<typeof order>, now = at) =>
    scheduleDoubt({ ...order, ...changes } as typeof order, { ok: true, value: [own] }, now)
  expect(doubt({})).toBeUndefined()
  expect(doubt({ schedule: { name, moment: '2026-11-30T03:00:00.000Z', sha256: 'other' } })).toContain(
    'another version',
  )
  expect(doubt({ schedule: { name, moment: '2026-11-30T03:01:00.000Z', sha256 } })).toContain('not a moment')
  expect(doubt({ schedule: { name, moment: '2026-12-01T03:00:00.000Z', sha256 } })).toContain('has not come')
  expect(doubt({}, at + 3 * 24 * 3_600_000)).toContain('has passed')
  expect(doubt({ slug: 'drop-all' })).toContain('something else')
  expect(doubt({ by: { id: 'eve@example.com', host: '', via: '' } })).toContain('signed by')
})
