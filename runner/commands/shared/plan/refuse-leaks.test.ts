import { expect, test } from 'vitest'
import { containsSecret } from './refuse-leaks.ts'

const secret = 'correct-horse-battery'

test.each([
  ['as it is', `token=${secret}`],
  ['as base64', Buffer.from(secret).toString('base64')],
  ['in hexadecimal', Buffer.from(secret).toString('hex')],
])('a text contains a secret %s', (_, text) => {
  expect(containsSecret(text, ['another-one', secret])).toBe(true)
})

test('a text without a secret contains none, whatever its characters are', () => {
  expect(containsSecret('correct horse \u{1F40E} \uD800', [secret])).toBe(false)
  expect(containsSecret(secret, [])).toBe(false)
})
