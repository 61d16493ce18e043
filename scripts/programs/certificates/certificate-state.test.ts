import { readFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testAuthority } from '../../../test/support/certificates.ts'
import { certificatesOf, judgeTimes, misfit } from './certificate-state.ts'

const day = 86_400_000
const limits = { warnMs: 30 * day, failMs: 7 * day }
const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))

let ca = ''
let shop = { certificate: '', key: '' }
let other = { certificate: '', key: '' }
beforeAll(() => {
  const authority = testAuthority(folder)
  ca = authority.ca
  shop = authority.issue('shop', 'shop.example', 90)
  other = authority.issue('other', 'other.example', 90)
})
const read = (file: string): ReturnType<typeof certificatesOf> => certificatesOf(readFileSync(file, 'utf8'))

test.each([
  ['30 days and a second', 30 * day + 1000, 'ok'],
  ['30 days', 30 * day, 'warn'],
  ['7 days and a second', 7 * day + 1000, 'warn'],
  ['7 days', 7 * day, 'fail'],
  ['no time', 0, 'fail'],
  ['a day too late', -day, 'fail'],
])('a certificate with %s left is judged as %s', (_, left, state) => {
  const chain = read(shop.certificate)
  const end = chain[0]?.validToDate.getTime() ?? 0
  expect(judgeTimes('shop', chain, limits, end - left).state).toBe(state)
})

test('a certificate that is not valid yet fails', () => {
  const chain = read(shop.certificate)
  const before = (chain[0]?.validFromDate.getTime() ?? 0) - 1000
  expect(judgeTimes('shop', chain, limits, before).findings).toEqual([
    expect.stringContaining('not valid before'),
  ])
})

test('the certificate of the chain that ends first counts', () => {
  const chain = [...read(ca), ...read(shop.certificate)]
  const judged = judgeTimes('shop', chain, limits, Date.now() + 70 * day)
  expect(judged).toMatchObject({ state: 'warn', findings: [expect.stringContaining('CN=shop.example')] })
})

test('a certificate fits its name, its key and the certificate that signed it, and no other', () => {
  const chain = read(shop.certificate)
  const key = (file: string): string => readFileSync(file, 'utf8')
  expect(misfit(chain, { roots: read(ca), host: 'shop.example', key: key(shop.key) })).toBeUndefined()
  expect(misfit(chain, { host: 'api.example' })).toContain('not for the name api.example')
  expect(misfit(chain, { key: key(other.key) })).toContain('another certificate')
  expect(misfit(chain, { roots: read(other.certificate) })).toContain('no trusted certificate signed')
  expect(misfit([], {})).toContain('no certificate')
})
