import { expect, test } from 'vitest'
import { judgeBackups, nameOf } from './backups.ts'

const hour = 3_600_000
const now = Date.parse('2026-11-30T12:00:00Z')
const promises = { maxAgeMs: 6 * hour, maxWalAgeMs: hour, keepMs: 30 * 24 * hour }
const states = (ages: readonly number[], walAge: number | undefined): string[] =>
  judgeBackups(
    ages.map((age) => ({ name: nameOf(now - age), at: now - age })),
    walAge === undefined ? undefined : now - walAge,
    promises,
    now,
  ).map(({ state }) => state)

test.each([
  ['of exactly six hours is good', [6 * hour], 0, ['ok', 'ok']],
  ['of six hours and a second fails', [6 * hour + 1000], 0, ['fail', 'ok']],
  ['that is new does not make up for WAL of more than an hour', [0], hour + 1, ['ok', 'fail']],
  ['of exactly 30 days may stay', [0, 30 * 24 * hour], 0, ['ok', 'ok']],
  ['of 31 days is a warning', [0, 31 * 24 * hour], 0, ['ok', 'ok', 'warn']],
  ['that does not exist fails, and so does an empty archive', [], undefined, ['fail', 'fail']],
])('a base backup %s', (_, ages, walAge, expected) => {
  expect(states(ages, walAge)).toEqual(expected)
})
