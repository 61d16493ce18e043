import { expect, test } from 'vitest'
import { makeAccess } from './access.ts'

const tokenOf = (address: string): string => address.split('#')[1] ?? ''

function cookieOf(opened: object): string {
  return 'cookie' in opened ? (String(opened.cookie).split(';')[0] ?? '') : ''
}

test('an address lets one browser in, once, with a cookie that stays in the folder of the server', () => {
  const access = makeAccess({ base: '/docs/', port: 47_901 })
  const first = access.address()
  expect(first).toMatch(/^\/docs\/~open\/#[\w-]{43}$/)
  const opened = access.open(tokenOf(first))
  expect('cookie' in opened && opened.cookie).toMatch(
    new RegExp(`^rb-47901=[\\w-]{43}; Path=${access.folder}; HttpOnly; SameSite=Strict$`),
  )
  expect(access.folder).toMatch(/^\/docs\/~[\w-]{22}\/$/)
  expect(access.open(tokenOf(first))).toEqual({ refused: 'wrong' })
  expect(access.address()).not.toBe(first)
})

test('each browser has a session of its own', () => {
  const access = makeAccess({ base: '/', port: 1 })
  const one = access.session(cookieOf(access.open(tokenOf(access.address()))))
  const two = access.session(cookieOf(access.open(access.code().toLowerCase().replace('-', ' '))))
  expect(one).toMatchObject({ person: undefined })
  expect(two).toMatchObject({ person: undefined })
  expect(one).not.toEqual(two)
})

test('only the cookie of a browser that was let in admits, and only once in a request', () => {
  const access = makeAccess({ base: '/', port: 1 })
  const own = cookieOf(access.open(tokenOf(access.address())))
  expect([own, `a=b; ${own}; c=d`].every((cookies) => typeof access.session(cookies) === 'object')).toBe(true)
  expect([undefined, '', 'rb-1=', `x${own}`, own.slice(0, -1)].map((one) => access.session(one))).toEqual(
    Array.from({ length: 5 }, () => undefined),
  )
  expect(access.session(`rb-1=x; ${own}`)).toBe('twice')
})

test('a token opens for a minute; an old one makes another', () => {
  let at = 0
  const renewed: string[] = []
  const access = makeAccess({ base: '/', port: 1, now: () => at, onRenewed: (why) => renewed.push(why) })
  const token = tokenOf(access.address())
  at = 61_000
  expect(access.open(token)).toEqual({ refused: 'expired' })
  expect(renewed).toEqual(['expired'])
  expect(access.open(tokenOf(access.address()))).toHaveProperty('cookie')
})

test('of fifty browsers that hand in one token at once, one is let in', () => {
  const access = makeAccess({ base: '/', port: 1 })
  const token = tokenOf(access.address())
  const opened = Array.from({ length: 50 }, () => access.open(token))
  expect(opened.filter((one) => 'cookie' in one)).toHaveLength(1)
})

test('five wrong tries take the token away', () => {
  const access = makeAccess({ base: '/', port: 1 })
  const token = tokenOf(access.address())
  for (let count = 0; count < 5; count++) expect(access.open('guess')).toEqual({ refused: 'wrong' })
  expect(access.open(token)).toEqual({ refused: 'wrong' })
})
