import { expect, test } from 'vitest'
import { apartIn } from './tell-apart.ts'

test('a title of its own needs no more, one that repeats has its folder, and its slug where the folder repeats', () => {
  expect(apartIn('a', ['a'])).toEqual({})
  expect(apartIn('x/a', ['x/a', 'y/a', 'a'])).toEqual({ folder: 'x/' })
  expect(apartIn('a', ['x/a', 'a'])).toEqual({ folder: 'top folder' })
  expect(apartIn('x/a', ['x/a', 'x/b', 'y/a'])).toEqual({ folder: 'x/a' })
  expect(apartIn('y/a', ['x/a', 'x/b', 'y/a'])).toEqual({ folder: 'y/' })
})
