import { expect, test } from 'vitest'
import { infoOf, judgePersistence } from './persistence.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
const quarter = 900_000
const good = {
  rdb_last_save_time: String((now - quarter) / 1000),
  rdb_changes_since_last_save: '7',
  rdb_last_bgsave_status: 'ok',
  aof_last_write_status: 'ok',
}
const stale = { rdb_last_save_time: String((now - quarter) / 1000 - 1) }
const failures = (change: Record<string, string>, save = '900 1', appendonly = 'yes'): string[] =>
  judgePersistence({ info: { ...good, ...change }, save, appendonly }, quarter, now)
    .filter(({ ok }) => !ok)
    .map(({ text }) => text)

test.each([
  ['a snapshot every 15 minutes and a log', {}, '900 1', 'yes', 0],
  ['a snapshot sooner than promised', {}, '3600 1 300 1', 'yes', 0],
  ['a snapshot only after 100 changes', {}, '900 100', 'yes', 1],
  ['no rule for snapshots', {}, '', 'yes', 1],
  ['no log', {}, '900 1', 'no', 1],
  ['a snapshot older than 15 minutes, with changes since', stale, '900 1', 'yes', 1],
  [
    'an old snapshot without a change since',
    { ...stale, rdb_changes_since_last_save: '0' },
    '900 1',
    'yes',
    0,
  ],
  ['a snapshot that failed', { rdb_last_bgsave_status: 'err' }, '900 1', 'yes', 1],
])('Redis with %s has as many failures as expected', (_, change, save, appendonly, expected) => {
  expect(failures(change, save, appendonly)).toHaveLength(expected)
})

test('INFO is read by its names', () => {
  expect(infoOf('# Persistence\r\nloading:0\r\nrole:master\r\n')).toEqual({ loading: '0', role: 'master' })
})
