import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkFeed, feedOf, feedText, readFeed } from './update-feed.ts'

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
