import { expect, test } from 'vitest'
import { parseSeverities } from '../../runner/status/severities.ts'
import { impactLooks, severityBadge } from './impact.ts'

const declared = new Map(
  parseSeverities('content/severities.yaml').severities.map(({ id, impact }) => [id, impact]),
)

test('severities that are declared are told apart by words and by look', () => {
  const badges = ['P0', 'P1', 'P2', 'P3'].map((id) => severityBadge(id, declared))
  expect(badges.map(({ words }) => words)).toEqual(['critical', 'major', 'minor', 'no impact'])
  expect(new Set(badges.map(({ look }) => look)).size).toBe(4)
})

test('a usual severity of an alert has a look and says itself how bad it is; an unknown one has neither', () => {
  expect(severityBadge('critical', new Map())).toEqual({ words: '', look: impactLooks.critical.look })
  expect(severityBadge('Warning', new Map())).toEqual({ words: '', look: impactLooks.minor.look })
  expect(severityBadge('P1', new Map())).toEqual({ words: '', look: '' })
})
