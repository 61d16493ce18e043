import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { signText } from '../release/sign.ts'
import { checkFeed, feedOf, feedText, readFeed, signatureOf } from './update-feed.ts'

const folder = mkdtempSync(join(tmpdir(), 'feed-'))
const setup = join(folder, 'Shop-Setup-1.0.1.exe')
const feed = join(folder, 'latest.yml')
const now = new Date('2026-11-30T04:00:00Z')
writeFileSync(setup, 'the setup program')
const text = feedText(await feedOf({ version: '1.0.1', files: [setup], staging: 10, now }))

afterAll(() => rmSync(folder, { recursive: true }))

test('a feed has the name, the size and the SHA-512 of its files, as electron-updater reads them', () => {
  // printf 'the setup program' | openssl dgst -sha512 -binary | base64 -w0
  const digest = 'A5Ly6HMvccq+qZQl3KIcvUCyD5BuIsRF/J1yb3+C2glQSu5Wjx9HjbuojY0lU1sS4tI3cSs5ZBUyxban33d5ag=='
  expect(text).toBe(`version: 1.0.1
files:
  - url: Shop-Setup-1.0.1.exe
    sha512: ${digest}
    size: 17
path: Shop-Setup-1.0.1.exe
sha512: ${digest}
releaseDate: 2026-11-30T04:00:00.000Z
stagingPercentage: 10
`)
})

test('a file that was changed, shortened or removed is named', async () => {
  writeFileSync(feed, text)
  expect((await checkFeed(feed)).problems).toEqual([])
  writeFileSync(setup, 'the setup progrAm')
  expect((await checkFeed(feed)).problems).toEqual([
    'Shop-Setup-1.0.1.exe has another SHA-512 than the feed says',
  ])
  writeFileSync(setup, 'short')
  expect((await checkFeed(feed)).problems).toEqual(['Shop-Setup-1.0.1.exe has 5 bytes, and the feed says 17'])
  rmSync(setup)
  expect((await checkFeed(feed)).problems).toEqual([
    expect.stringMatching(/^Shop-Setup-1.0.1.exe cannot be read/),
  ])
})

test.each([
  ['a file on another server', text.replaceAll('Shop-Setup', 'https://evil.example/Shop-Setup')],
  ['a file above the feed', text.replaceAll('Shop-Setup', '../Shop-Setup')],
  ['a path that none of the files has', text.replace('path: Shop', 'path: Other')],
  ['a digest that is too short', text.replaceAll(/sha512: .*/g, 'sha512: abc=')],
  ['a share above 100 %', text.replace('stagingPercentage: 10', 'stagingPercentage: 101')],
  ['another form', '[1, 2'],
])('a feed with %s is refused', (_, changed) => {
  expect(changed).not.toBe(text)
  expect(() => readFeed(changed, 'latest.yml')).toThrow('latest.yml is not a feed of updates')
})

const script = join(import.meta.dirname, '../../../packaging/verify-feed.sh')

/** A new key. @returns its path, and a file that allows it alone to sign feeds */
function keyOf(name: string): { key: string; signers: string } {
  const key = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const signers = `${key}.signers`
  writeFileSync(
    signers,
    `updates@example.com namespaces="feed@runbook" ${readFileSync(`${key}.pub`, 'utf8')}`,
  )
  return { key, signers }
}

/** Asks the script for clients, then the command: the problem of each, or none. */
async function refusals(of: string, signers: string): Promise<string[]> {
  const signer = 'updates@example.com'
  const { stderr } = spawnSync('sh', [script, of, signers, signer], { encoding: 'utf8' })
  const { problems } = await checkFeed(of, { signers, signer }).catch((error: unknown) => ({
    problems: [(error as Error).message],
  }))
  return [stderr, ...problems].filter((problem) => problem !== '')
}

test('the detached signature of a feed is verified offline, by the command and by the script for clients', async () => {
  const offered = join(folder, 'offered')
  mkdirSync(offered)
  const installers = ['Shop Setup-1.0.2.exe', "Shop's portable.exe"].map((name) => join(offered, name))
  for (const path of installers) writeFileSync(path, `the program ${path}`)
  const signed = join(offered, 'latest.yml')
  const right = feedText(await feedOf({ version: '1.0.2', files: installers, staging: 10, now }))
  const [ours, other] = [keyOf('ours'), keyOf('other')]
  const sign = (what: 'the feed' | 'the image', key: string): void =>
    writeFileSync(signatureOf(signed), signText(what, key, right))
  const refused = (problem: RegExp) => [
    expect.stringMatching(/^verify-feed: .*latest\.yml/),
    expect.stringMatching(problem),
  ]
  writeFileSync(signed, right)
  expect(await refusals(signed, ours.signers)).toEqual(refused(/latest\.yml\.sig cannot be read/))
  sign('the feed', ours.key)
  expect(await refusals(signed, ours.signers)).toEqual([])
  expect(await refusals(signed, other.signers)).toEqual(refused(/signature of the feed does not verify/))
  sign('the image', ours.key)
  expect(await refusals(signed, ours.signers)).toEqual(refused(/signature of the feed does not verify/))
  sign('the feed', ours.key)
  writeFileSync(signed, right.replace('stagingPercentage: 10', 'stagingPercentage: 90'))
  expect(await refusals(signed, ours.signers)).toEqual(refused(/signature of the feed does not verify/))
  writeFileSync(signed, right)
  for (const path of installers) {
    const before = readFileSync(path)
    writeFileSync(path, before.toString().replace('the', 'thE'))
    expect(await refusals(signed, ours.signers)).toEqual([
      expect.stringContaining('does not have the digest of the feed'),
      expect.stringContaining('has another SHA-512 than the feed says'),
    ])
    appendFileSync(path, 'x')
    expect(await refusals(signed, ours.signers)).toEqual([
      expect.stringContaining('does not have the size of the feed'),
      expect.stringMatching(/bytes, and the feed says/),
    ])
    writeFileSync(path, before)
  }
  expect(await refusals(signed, ours.signers)).toEqual([])
})
