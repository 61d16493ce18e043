import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkerOf, trustIn } from '../engine/sign/trust.ts'
import { verifyFolder } from './verify/verify-evidence.ts'
import { makeKeys, people, writeSpecimen } from '../../test/support/evidence.ts'
import type { Specimen } from '../../test/support/evidence.ts'
import { approvedRun, forgeries } from '../../test/support/attack/forgeries.ts'

const root = mkdtempSync(join(tmpdir(), 'forgeries-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const keys = makeKeys()
let count = 0

/** The checks of `verify` that a run fails. */
function failed(specimen: Specimen): string[] {
  const folder = join(root, String((count += 1)))
  writeSpecimen(specimen, folder)
  const { checks } = verifyFolder(folder, checkerOf(trustIn(folder), process.env))
  return [...new Set(checks.filter(({ status }) => status === 'failed').map(({ name }) => name))]
}

const lines: [string, (typeof keys)[string] | undefined][] = [
  [people.alice, keys['alice']],
  [people.bob, keys['bob']],
  [people.carol, keys['carol']],
]

describe('a run that others approved', () => {
  test.each([
    ['one person by address', { decisions: [{ by: people.bob, key: keys['bob'] }] }],
    [
      'two people by a role',
      {
        approvers: ['boss'],
        min: 2,
        plan: { people: { boss: [people.bob, people.carol] } },
        decisions: [
          { by: people.bob, key: keys['bob'] },
          { by: people.carol, key: keys['carol'] },
        ],
      },
    ],
    [
      'a person whom the runbook spells otherwise',
      { approvers: ['Bob@Example.com'], decisions: [{ by: people.bob, key: keys['bob'] }] },
    ],
    [
      'and a third closed',
      {
        decisions: [{ by: people.bob, key: keys['bob'] }],
        closing: { by: people.carol, key: keys['carol'] },
      },
    ],
    [
      'before the deadline',
      {
        deadline: Date.parse('2027-01-01'),
        decisions: [{ by: people.bob, key: keys['bob'], more: { received: 1 } }],
      },
    ],
  ])('verifies: %s', (_, wanted) => {
    expect(failed(approvedRun(keys, { ...wanted, lines }))).toEqual([])
  })
})

const all = forgeries(keys)

test('there are more than a hundred forgeries', () => {
  expect(all.length).toBeGreaterThan(100)
})

test.each(all)('verify refuses it: $name', ({ specimen }) => {
  const failures = failed(specimen)
  expect(failures).not.toEqual([])
  expect(
    failures.filter((name) => !['approvals', 'signature', 'closing', 'presence'].includes(name)),
  ).toEqual([])
})
