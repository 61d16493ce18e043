import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judge, readArchive, readTrusted } from './certificate.ts'
import type { Finding } from './certificate.ts'
import { archive, issue, testAuthority } from './rehearsal/test-authority.ts'
import type { TestAuthority } from './rehearsal/test-authority.ts'

const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
/** Certificates begin with the second in which they are made. */
const now = new Date(Date.now() + 60_000)
let authority: TestAuthority

beforeAll(async () => {
  authority = await testAuthority(folder, 'Example Ltd')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is wrong with the certificate of an archive. */
async function faults(
  pfx: string,
  { at = now, publisher = 'Example Ltd', trusted = authority.ca } = {},
): Promise<Finding[]> {
  const read = await readArchive(pfx, authority.password)
  return judge(read, { trusted: await readTrusted(trusted), publisher, now: at }).filter(({ ok }) => !ok)
}

test('a certificate for code signing of a trusted authority passes every check', async () => {
  expect(await faults(authority.pfx)).toEqual([])
})

test('a certificate that ends is refused from its end on, and so is one that has not begun', async () => {
  const days = (count: number): Date => new Date(now.getTime() + count * 86_400_000)
  expect(await faults(authority.pfx, { at: days(1.9) })).toEqual([])
  expect((await faults(authority.pfx, { at: days(2.1) })).map(({ what }) => what)).toEqual(['validity'])
  expect(await faults(authority.pfx, { at: days(-1) })).toEqual([
    expect.objectContaining({ what: 'validity', detail: expect.stringContaining('begins on') as string }),
  ])
})

test('another publisher, and an authority that is not trusted, are refused by name', async () => {
  expect(await faults(authority.pfx, { publisher: 'Sample Ltd' })).toEqual([
    { what: 'publisher', ok: false, detail: 'expected `Sample Ltd`, not `Example Ltd`' },
  ])
  const other = await testAuthority(join(folder, 'other'), 'Example Ltd')
  expect(await faults(authority.pfx, { trusted: other.ca })).toEqual([
    expect.objectContaining({ what: 'chain' }),
  ])
})

test('a certificate for servers may not sign code', async () => {
  const server = await issue(folder, 'server', { commonName: 'Example Ltd', usage: 'serverAuth' })
  const pfx = join(folder, 'server.pfx')
  await archive(pfx, authority.password, server.certificate, server.key, authority.ca)
  expect(await faults(pfx)).toEqual([
    { what: 'usage', ok: false, detail: 'expected code signing (1.3.6.1.5.5.7.3.3), not 1.3.6.1.5.5.7.3.1' },
  ])
})

test('a key of another certificate is refused', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const trusted = await readTrusted(authority.ca)
  const read = { ...(await readArchive(authority.pfx, authority.password)), key: privateKey }
  expect(judge(read, { trusted, publisher: undefined, now }).filter(({ ok }) => !ok)).toEqual([
    { what: 'key', ok: false, detail: 'is that of another certificate' },
  ])
})

test('a wrong password is named, and the password is not', async () => {
  await expect(readArchive(authority.pfx, 'canary-password')).rejects.toThrow('the password is wrong')
  await expect(readArchive(authority.pfx, 'canary-password')).rejects.not.toThrow('canary')
})
