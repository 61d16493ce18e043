import { expect, test } from 'vitest'
import { compilePattern, suitsBacktracking } from './pattern.ts'

function matches(pattern: string, text: string): boolean | string {
  const made = compilePattern(pattern)
  return made.ok ? made.value(text) : made.problem.message
}

test.each([
  ['v?\\d+\\.\\d+', '1.10', true],
  ['v?\\d+\\.\\d+', 'x1.10', false],
  ['^[a-z]+$', 'abc', true],
  ['a|b', 'ab', false],
  ['caf\\u00e9', 'café', true],
  ['\\p{L}+', 'пароль', true],
  ['(?i)eu-.*', 'EU-west', true],
  ['(?<name>a)b', 'ab', true],
  ['.*', 'two\nlines', false],
  ['[a-z]\\/[a-z]', 'a/b', true],
])('the pattern %s and the text %j: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected)
})

test.each(['(?=a)', '(?!a)a', '(?<=a)b', '(a)\\1', '(?<x>a)\\k<x>', '[', 'a{5000}', '((a{100}){100}){100}'])(
  'the pattern %s is refused with its reason and a hint',
  (pattern) => {
    const made = compilePattern(pattern)
    if (made.ok) throw new Error('was taken')
    expect(made.problem.message).toContain(
      `Unexpected pattern \`${pattern}\`, expected a regular expression: `,
    )
    expect(made.problem.hint).toContain('RE2')
  },
)

test.each(['(a+)+b', '(x+x+)+y', '(a|a)*b', '(.*)*z', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a?){50}a{50}'])(
  'the pattern %s takes a time that grows with the text alone',
  (pattern) => {
    const began = process.cpuUsage()
    matches(pattern, 'a'.repeat(50_000))
    matches(pattern, 'x'.repeat(50_000))
    expect(process.cpuUsage(began).user).toBeLessThan(5_000_000)
  },
)

test.each([
  ['v?\\d+\\.\\d+\\.\\d+', true],
  ['[a-z]{2,3}-(east|west)(-\\d+)?', true],
  ['(abc)+', true],
  ['(a+)+b', false],
  ['(a|a)*b', false],
  ['((a)b*)*', false],
  ['(a?){50}a{50}', false],
  ['a*a*a*a*b', false],
  ['[(*]+', true],
])('a browser checks %s: %s', (pattern, suits) => {
  expect(suitsBacktracking(pattern)).toBe(suits)
})
