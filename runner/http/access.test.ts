import { expect, test } from 'vitest'
import { makeAccess } from './access.ts'

test('an address lets one browser in, and the next one is another', () => {
  const access = makeAccess('/docs/', 47_901)
  const first = access.address()
  const cookie = access.open(first)
  expect(cookie).toBe(`${cookie?.split(';')[0]}; Path=${access.folder}; HttpOnly; SameSite=Strict`)
  expect(access.folder).toMatch(/^\/docs\/~[\w-]{22}\/$/)
  expect(access.open(first)).toBeUndefined()
  expect(access.address()).not.toBe(first)
  expect(access.open(access.address())).toBe(cookie)
})

test('only the cookie of a browser that was let in admits, and only once in a request', () => {
  const access = makeAccess('/', 1)
  const [own = ''] = access.open(access.address())?.split(';') ?? []
  expect([own, `a=b; ${own}; c=d`].map(access.admits)).toEqual([true, true])
  expect([undefined, '', 'rb-1=', `rb-1=x; ${own}`, `x${own}`, own.slice(0, -1)].map(access.admits)).toEqual(
    Array.from({ length: 6 }, () => false),
  )
})
