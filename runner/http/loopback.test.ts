import { expect, test } from 'vitest'
import { isLoopback } from './loopback.ts'

test('only the names and addresses of this machine are loopback', () => {
  expect(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost'].every(isLoopback)).toBe(true)
  expect(
    ['0.0.0.0', '::', '10.0.0.1', 'localhost.evil.example', '127.0.0.1.evil.example'].some(isLoopback),
  ).toBe(false)
})
