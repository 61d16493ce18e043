import { expect, test } from 'vitest'
import { samePerson } from './person.ts'

test.each([
  ['ada@bücher.example', 'ADA@xn--bcher-kva.example', true],
  ['ada@BÜCHER.example.', 'ada@bücher.example', true],
  ['ada@xn--r8jz45g.jp', 'ada@例え.jp', true],
  ['ada@bücher.example', 'ada@bucher.example', false],
  ['zoë', 'zoe', false],
  ['zoë@a.example', 'xn--zo-jka@a.example', false],
])('whether %s is %s: %s', (one, other, same) => {
  expect(samePerson(one, other)).toBe(same)
})
