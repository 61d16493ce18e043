import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

test('numbers in names are in order of their value', () => {
  expect(['eu-10', 'Us-1', 'eu-2', 'eu-1'].toSorted(inOrder)).toEqual(['eu-1', 'eu-2', 'eu-10', 'Us-1'])
})
