import { expect, test } from 'vitest'
import { addTick, decide, emptyTally, worst } from './evaluate.ts'
import type { Rules } from './evaluate.ts'
import type { TickVerdict } from './measure.ts'

const letters: Record<string, TickVerdict> = { o: 'ok', v: 'violation', n: 'no-data', e: 'error' }

const rules = (expected: number, more: Partial<Rules> = {}): Rules => ({
  expected,
  maxViolations: 3,
  maxNoData: 4,
  maxErrors: 4,
  minSamples: 0.8,
  settle: 2,
  ...more,
})

/** Feeds ticks, one letter each (`o13` is thirteen), and says what was decided at which of them. */
function sequence(text: string, held: Rules): string {
  let tally = emptyTally
  let tick = 0
  for (const [, letter = '', times = '1'] of text.matchAll(/([ovne])(\d*)/g)) {
    for (let left = Number(times || '1'); left > 0; left--) {
      tick += 1
      tally = addTick(tally, letters[letter] ?? 'error')
      const decision = decide(tally, held)
      if (decision) return `${decision.verdict} at ${tick}`
    }
  }
  return 'goes on'
}

test.each([
  ['all looks are ok', 'o20', rules(20), 'passed at 20'],
  ['three violations, then ok', 'v3 o17', rules(20), 'passed-with-violations at 20'],
  ['the fourth violation fails at once', 'v4', rules(20), 'failed at 4'],
  ['exactly the allowed violations do not fail', 'v3', rules(20), 'goes on'],
  ['violations are never forgiven', 'o v o5 v o5 v o5 v', rules(40), 'failed at 20'],
  ['three violations and a fourth as the last', 'v3 o16 v', rules(20), 'failed at 20'],
  ['errors between violations do not hide them', 'e v e v e v e v', rules(20), 'failed at 8'],
  ['four looks without data go on', 'n4 o', rules(20), 'goes on'],
  ['the fifth look without data in a row', 'n5', rules(20), 'inconclusive at 5'],
  ['four errors go on', 'e4 o', rules(20), 'goes on'],
  ['the fifth error in a row', 'e5', rules(20), 'inconclusive at 5'],
  [
    'errors and no data in turn are no row, but too few looks are ok',
    'e n e n e n e n o12',
    rules(20),
    'inconclusive at 20',
  ],
  ['four of five without data again and again', 'n4 o n4 o n4 o n4 o', rules(20), 'inconclusive at 20'],
  ['exactly 80 % ok', 'n4 o16', rules(20), 'passed at 20'],
  ['less than 80 % ok', 'n3 o n2 o14', rules(20), 'inconclusive at 20'],
  ['ok until two violations at the end', 'o18 v2', rules(20), 'inconclusive at 20'],
  ['ok until one look without data at the end', 'o19 n', rules(20), 'inconclusive at 20'],
  ['ok until an error before the last', 'o18 e o', rules(20), 'inconclusive at 20'],
  ['a violation just before the last two', 'o17 v o2', rules(20), 'passed-with-violations at 20'],
  ['no violation is allowed', 'o5 v', rules(20, { maxViolations: 0 }), 'failed at 6'],
  ['no look without data is allowed', 'o5 n', rules(20, { maxNoData: 0 }), 'inconclusive at 6'],
  ['one look, ok', 'o', rules(1), 'passed at 1'],
  ['one look, a violation', 'v', rules(1), 'inconclusive at 1'],
  ['one look, no data', 'n', rules(1), 'inconclusive at 1'],
  ['all must be ok', 'o19 n', rules(20, { minSamples: 1, settle: 1 }), 'inconclusive at 20'],
  ['nothing at all is no pass', '', rules(20), 'goes on'],
])('%s: %s', (_, ticks, held, outcome) => {
  expect(sequence(ticks, held)).toBe(outcome)
})

test('a violation beats an error, an error beats no data, and no data beats ok', () => {
  expect(worst(['ok', 'no-data', 'error', 'violation'])).toBe('violation')
  expect(worst(['ok', 'no-data', 'error'])).toBe('error')
  expect(worst(['ok', 'no-data'])).toBe('no-data')
  expect(worst(['ok', 'ok'])).toBe('ok')
  expect(worst([])).toBe('no-data')
})

test('three metrics that violate in one tick are one violation', () => {
  expect(addTick(emptyTally, worst(['violation', 'violation', 'violation'])).violations).toBe(1)
})

test('an error that is tried again counts as an error and not as a tick', () => {
  const tally = addTick(addTick(emptyTally, 'error', true), 'error')
  expect([tally.ticks, tally.errorsInARow]).toEqual([1, 2])
})
