import { expect, test } from 'vitest'
import { unmet } from './expectation.ts'

const values = { status: 200, text: 'hello', lines: ['hello'], json: { version: '1.2.0', replicas: 2 } }

test.each([
  ["json.version == '1.3.0'", ': `json.version` is "1.2.0"'],
  ['status == 200 && json.replicas >= 3', ': `json.replicas` is 2'],
  ["json.version == '1.3.0' && json.replicas > 2", ': `json.version` is "1.2.0", `json.replicas` is 2'],
  ['lines.size() == 2', ': `lines.size()` is 1'],
  ["text.startsWith('bye')", ''],
  ["json.missing == 'x'", ''],
  ["text == 'a && b'", ': `text` is "hello"'],
])('an expectation that does not hold says the values behind it: %s', (text, words) => {
  expect(unmet(text, values, (value) => value)).toBe(words)
})

test('a value is cut and redacted as it is for the journal', () => {
  expect(unmet("text == 'x'", values, () => '[redacted]')).toBe(': `text` is [redacted]')
})
