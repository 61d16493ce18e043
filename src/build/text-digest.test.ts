import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeKinds } from '../../runner/kinds/index.ts'
import { entryAt, listEntries, readEntry } from '../../runner/library.ts'
import { linkLibrary } from '../../runner/links/link-targets.ts'
import { bodyOf } from '../../runner/model/text/document-parts.ts'
import { textDigest } from './text-digest.ts'
import type { TextSources } from './text-digest.ts'

const kinds = makeKinds()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runbook-digest-'))
  for (const [file, text] of Object.entries(workspace)) write(file, text)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const workspace = {
  'content/runbooks/a.mdx':
    '---\ntitle: A\ninputs: { host: { type: string } }\n---\n\nSee [b](./b.mdx#x), [gone](./gone.mdx), [file](../../tool.sh), [doc](/docs/guide/) and ![it](./it.png).\n',
  'content/runbooks/b.mdx': '---\ntitle: B\n---\n\n## X\n',
  'content/runbooks/plain.md':
    '# Plain\n\nSee <a class="x" href=\'b.mdx\'>b</a> and [it][1].\n\n[1]: ../../tool.sh\n',
  'content/runbooks/it.png': 'picture',
  'content/docs/guide.md': '# Guide\n',
  'tool.sh': 'true\n',
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

async function digestOf(name: string, change: Partial<TextSources> = {}): Promise<string> {
  const content = join(root, 'content/runbooks')
  const read = await Promise.all(listEntries(content).map((entry) => readEntry(entry, root, kinds)))
  const documents = read.map(({ document }) => ({ path: join(root, document.file), document }))
  const library = linkLibrary({ root, content, site: 'https://shop.example', documents })
  const path = join(content, name)
  const { document, bytes } = await readEntry(entryAt(content, path), root, kinds)
  const body = bodyOf(bytes.toString('utf8'), document.format)
  return textDigest({ document, path, body, library, code: '1', ...change })
}

const change = (file: string, from: string, to: string) => (): void =>
  write(file, workspace[file as keyof typeof workspace].replace(from, to))
const remove = (file: string) => (): void => rmSync(join(root, file))

test.each([
  ['its words', 'a.mdx', change('content/runbooks/a.mdx', 'See', 'Look at')],
  ['an input', 'a.mdx', change('content/runbooks/a.mdx', 'host:', 'server:')],
  ['a linked document that is removed', 'a.mdx', remove('content/runbooks/b.mdx')],
  [
    'a linked document that appears',
    'a.mdx',
    () => write('content/runbooks/gone.mdx', '---\ntitle: G\n---\n'),
  ],
  [
    'a linked document that moves',
    'a.mdx',
    () => {
      remove('content/runbooks/b.mdx')()
      write('content/runbooks/c.mdx', '---\ntitle: B\naliases: [b]\n---\n\n## X\n')
    },
  ],
  ['a linked file that is removed', 'a.mdx', remove('tool.sh')],
  ['a linked page of documentation that is removed', 'a.mdx', remove('content/docs/guide.md')],
  ['the contents of a picture', 'a.mdx', () => write('content/runbooks/it.png', 'another')],
  ['a picture that is removed', 'a.mdx', remove('content/runbooks/it.png')],
  ['a document that is linked to in HTML', 'plain.md', remove('content/runbooks/b.mdx')],
  ['a file that a definition leads to', 'plain.md', remove('tool.sh')],
])('%s changes the digest of a text', async (_, name, act) => {
  const before = await digestOf(name)
  act()
  expect(await digestOf(name)).not.toBe(before)
})

test('the code and the address of edits change it, and nothing that the text does not show', async () => {
  const before = await digestOf('a.mdx')
  expect(await digestOf('a.mdx', { code: '2' })).not.toBe(before)
  expect(await digestOf('a.mdx', { edit: 'https://git.example/edit/' })).not.toBe(before)
  write('content/runbooks/b.mdx', '---\ntitle: Another\n---\n\nWords.\n\n## X\n')
  write('content/runbooks/new.mdx', '---\ntitle: New\n---\n')
  write('content/docs/guide.md', '# Another\n')
  expect(await digestOf('a.mdx')).toBe(before)
})

test('a copy of the workspace in another folder has the same digests', async () => {
  const before = await digestOf('a.mdx')
  const first = root
  root = mkdtempSync(join(tmpdir(), 'runbook-digest-'))
  for (const [file, text] of Object.entries(workspace)) write(file, text)
  expect(await digestOf('a.mdx')).toBe(before)
  rmSync(first, { recursive: true })
})
