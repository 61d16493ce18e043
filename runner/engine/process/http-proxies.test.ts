import { expect, test } from 'vitest'
import { proxyPasswords } from './http-proxies.ts'

test.each([
  ['http://user:s3cr3t@proxy:3128', ['s3cr3t']],
  ['user:s3cr3t@proxy:3128', ['s3cr3t']],
  ['socks5h://user:p%40ss@proxy', ['p%40ss', 'p@ss']],
  ['https://user:a#b@c@proxy:3128/', ['a#b@c']],
  ['http://proxy:3128', []],
  ['proxy:3128', []],
  ['', []],
])('the address of a proxy %o has the passwords %o', (address, passwords) => {
  expect(proxyPasswords({ https_proxy: address })).toEqual(passwords)
})
