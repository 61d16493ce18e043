import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { partialOf } from '../../runner/partial-folder.ts'
import { filesBelow } from './built-pages.ts'
import { digestOfBytes } from './digest.ts'
import { indexForSearch } from './search-index.ts'
import { standingFiles } from './standing-files.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-index-'))
const site = join(root, 'site')
const out = partialOf(site)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The index files of a build with one page of these words, each with the digest that the build has of it. */
async function build(words: string): Promise<[string, string][]> {
  mkdirSync(out, { recursive: true })
  const standing = standingFiles(out, site, join(root, 'standing.json'))
  const isIndex = (file: string): boolean => file.startsWith('pagefind/')
  await indexForSearch(out, new Map([['runbooks/a/index.html', `<main>${words}</main>`]]), 'en', {
    isWhole: standing.isWhole('pagefind/'),
    remove: () => standing.remove(isIndex),
    file: join(root, 'search.txt'),
    code: 'x',
  })
  const digests = filesBelow(out).map((file): [string, string] => [file, standing.digestOf(file)])
  standing.leave(filesBelow(out))
  rmSync(site, { recursive: true, force: true })
  renameSync(out, site)
  return digests
}

test('a new index has digests of its own, also of a file that has the name of one before', async () => {
  const before = await build('first words')
  const after = await build('other words')
  const entry = 'pagefind/pagefind-entry.json'
  expect(new Map(after).get(entry)).not.toBe(new Map(before).get(entry))
  for (const [file, digest] of after) expect(digest, file).toBe(digestOfBytes(readFileSync(join(site, file))))
})
