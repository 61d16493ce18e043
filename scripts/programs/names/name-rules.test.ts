import { expect, test } from 'vitest'
import { nameRules } from './name-rules.ts'
import type { NameKind } from './name-rules.ts'

test.each<[NameKind, string, boolean]>([
  ['tag', 'v1.4.0', true],
  ['tag', 'v1.4.0-rc.1-frontend', true],
  ['tag', '1.4.0', false],
  ['tag', 'v1.4', false],
  ['branch', 'main', true],
  ['branch', 'hotfix/v1.3.1', true],
  ['branch', 'hotfix/1.3.1', false],
  ['branch', 'release/v1.4', false],
  ['branch', 'hotfix/login', false],
  ['flag', 'ui_new_total', true],
  ['flag', 'newTotal', false],
  ['incident', 'INC-2026-11-21-001', true],
  ['incident', 'INC-2026-11-31-001', false],
  ['incident', 'INC-2026-11-21-1', false],
])('the %s %s is within its rule: %s', (kind, name, holds) => {
  expect(nameRules[kind].holds(name)).toBe(holds)
})

test('the example of each rule is within it', () => {
  for (const [kind, { example, holds }] of Object.entries(nameRules))
    expect([kind, holds(example)]).toEqual([kind, true])
})
