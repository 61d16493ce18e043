import { expect, test } from 'vitest'
import { reconcile } from './reconcile.ts'

test('a journal that goes on where the stored one ends is shipped from there', () => {
  expect(reconcile(['a\n', 'b\n', 'c\n'], ['a\n'])).toEqual({ type: 'ahead', from: 1 })
  expect(reconcile(['a\n'], [])).toEqual({ type: 'ahead', from: 0 })
})

test('equal journals have nothing to ship', () => {
  expect(reconcile(['a\n', 'b\n'], ['a\n', 'b\n'])).toEqual({ type: 'ahead', from: 2 })
  expect(reconcile([], [])).toEqual({ type: 'ahead', from: 0 })
})

test('a disk that lost lines gets them back from the place where it ends', () => {
  expect(reconcile(['a\n'], ['a\n', 'b\n'])).toEqual({ type: 'behind', from: 1 })
  expect(reconcile([], ['a\n'])).toEqual({ type: 'behind', from: 0 })
})

test('journals that differ in one byte are forked, however long each is', () => {
  expect(reconcile(['a\n', 'b\n'], ['a\n', 'B\n'])).toEqual({ type: 'forked', at: 1 })
  expect(reconcile(['a\n', 'b\n', 'c\n'], ['x\n'])).toEqual({ type: 'forked', at: 0 })
  expect(reconcile(['x\n'], ['a\n', 'b\n'])).toEqual({ type: 'forked', at: 0 })
})
