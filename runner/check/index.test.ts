import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openCache } from '../cache.ts'
import type { Cache } from '../cache.ts'
import { checkContactAges, checkContacts } from './check-contacts.ts'
import { checkAll } from './index.ts'
import { listEntries } from '../library.ts'
import { makeKinds } from '../kinds/index.ts'
import type { Watch } from '../watched.ts'

vi.setConfig({ testTimeout: 60_000 })

let root: string
const now = Date.parse('2026-11-21T12:00:00Z')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

async function check(
  cache: Cache = openCache({ RUNBOOK_CACHE: 'off' }),
  entries = listEntries(root),
  watch?: Watch,
): Promise<string[]> {
  const findings = await checkAll(entries, {
    cwd: root,
    content: root,
    kinds: makeKinds(),
    root,
    now,
    cache,
    site: 'https://ops.example',
    ruleNames: () => ['FromRules'],
    ...(watch && { watch }),
  })
  return findings.map(({ place, code }) => `${place.file}:${place.line} ${code}`)
}

const step = '\n```bash\ntrue\n```\n'

test('every stage of a check counts its documents, down to the scripts that the shells still read', async () => {
  const broken = '\n```bash\nif true; then\n```\n'
  const names = Array.from({ length: 130 }, (_, at) => `${at}.md`)
  write(Object.fromEntries(names.map((name) => [name, `# A\n${broken}`])))
  const stages: string[] = []
  const findings = await check(undefined, listEntries(root).slice(0, 125), async function* (items, what) {
    let done = 0
    for (const item of items) {
      yield item
      done++
    }
    stages.push(`${done} of ${items.length} ${what}`)
  })
  expect(stages).toEqual([
    '125 of 125 documents',
    '5 of 5 other documents',
    '125 of 125 documents, for their links',
    '125 of 125 documents, for their scripts',
  ])
  expect(findings.filter((finding) => finding.endsWith(' shell-syntax'))).toHaveLength(125)
})

test('links and anchors are followed across all documents, by file and by address', async () => {
  write({
    'a.md': `# A\n\n[b](b.md#two) [c](sub/c.md) [d](/runbooks/b/) [e](https://ops.example/runbooks/old#two) [f](#a)\n\n[g](b.md#none) [h](gone.md) [i](#nowhere) [j](https://ops.example/runbooks/x/) [k](%zz)\n${step}`,
    'b.md': `---\naliases: [old]\n---\n\n# B\n\n## Two\n${step}`,
    'sub/c.md': `# C\n\n[up](../a.md) [page](../../a/)\n${step}`,
  })
  expect(await check()).toEqual([
    'a.md:5 missing-anchor',
    'a.md:5 broken-link',
    'a.md:5 missing-anchor',
    'a.md:5 broken-link',
    'a.md:5 invalid-url',
  ])
})

test('a link to a name that lies elsewhere is told the address of the page', async () => {
  write({ 'a.md': `# A\n\n[b](b.md)\n${step}`, 'sub/b.md': `# B\n${step}` })
  const options = {
    cwd: root,
    content: root,
    kinds: makeKinds(),
    root,
    now,
    cache: openCache({ RUNBOOK_CACHE: 'off' }),
  }
  const findings = await checkAll(listEntries(root), options)
  expect(findings.map(({ hint }) => hint)).toEqual(['Did you mean `/runbooks/sub/b/`?'])
})

test('a link to an alert without a page is named, and one of a document or of a rule is not', async () => {
  write({
    'a.md': `---\nalerts: [DiskFull]\n---\n\n# A\n\n[own](/alerts/DiskFull/) [rule](/alerts/FromRules/) [small](/alerts/diskfull/)\n\n[gone](/alerts/Gone/)\n${step}`,
  })
  expect(await check()).toEqual(['a.md:9 broken-link'])
})

test('links between folders are followed once, and one that leads nowhere is named', async () => {
  write({ 'a.md': `# A\n${step}`, 'sub/b.md': `# B\n${step}` })
  symlinkSync('..', join(root, 'sub/circle'))
  symlinkSync('sub/b.md', join(root, 'c.md'))
  symlinkSync('nowhere', join(root, 'd.md'))
  expect(listEntries(root).map(({ slug }) => slug)).toEqual(['a', 'c', 'd', 'sub/b'])
  expect(await check()).toEqual(['d.md:1 file-unreadable'])
})

test('images must exist', async () => {
  write({ 'a.md': `# A\n\n![x](x.png) ![y](y.png) ![z](https://example.com/z.png)\n${step}`, 'x.png': '' })
  expect(await check()).toEqual(['a.md:3 missing-image'])
})

test('a script that no shell can read is found on its own line, at any nesting', async () => {
  write({
    'a.md':
      '# A\n\n- x\n\n  ```bash\n  echo ok\n  if true; then\n  ```\n\n```console\n$ echo ok\nok\n$ echo "x\n```\n',
  })
  expect(await check()).toEqual(['a.md:7 shell-syntax', 'a.md:13 shell-syntax'])
})

test('names that two documents claim are found', async () => {
  const page = (aliases: string): string =>
    `---\ntitle: X\nalerts: [Down]\naliases: [${aliases}]\n---\n${step}`
  write({
    'a.md': page('old'),
    'b.md': page('Old/'),
    'c.md': `# C\n${step}`,
    'C.mdx': '---\ntitle: C\n---\n\n<Wait id="x" title="x" for="1s" />\n',
  })
  expect(await check()).toEqual([
    'C.mdx:1 alias-collision',
    'b.md:1 alias-collision',
    'b.md:1 duplicate-alert',
  ])
})

test('a review that is due is a warning, and can be silenced where it is meant', async () => {
  const page = (day: string, more = ''): string =>
    `---\ntitle: X\nreviewed: ${day}\nreviewEvery: 90d\n${more}---\n${step}`
  write({
    'a.md': page('2026-08-01'),
    'b.md': page('2026-11-01'),
    'c.md': page('2026-01-01', 'ignore: [review-overdue]\n'),
  })
  expect(await check()).toEqual(['a.md:1 review-overdue'])
})

test('a second check gives the same findings from the cache, and a damaged cache is as good as none', async () => {
  write({ 'docs/a.md': '# A\n\n```bash\nif true; then\n```\n\nTODO\n' })
  const folder = join(root, '.cache')
  const cache = openCache({ RUNBOOK_CACHE: folder })
  const first = await check(cache)
  expect(first).toEqual(['docs/a.md:4 shell-syntax', 'docs/a.md:7 unfinished-text'])
  expect(await check(cache)).toEqual(first)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(folder))
    writeFileSync(
      join(folder, name),
      readFileSync(join(folder, name), 'utf8').replace('TODO', 'DONE').slice(0, -1),
    )
  expect(await check(cache)).toEqual(first)
})

test('a cache folder that others may write to is not used', async () => {
  const folder = join(root, 'shared')
  mkdirSync(folder)
  const { chmodSync } = await import('node:fs')
  chmodSync(folder, 0o777)
  openCache({ RUNBOOK_CACHE: folder }).set('0'.repeat(64), 1)
  expect(readdirSync(folder)).toEqual([])
})

test('a role that is called at night and that nobody reachable has is found, with its line', () => {
  write({
    'severities.yaml':
      'presets:\n  a:\n    - escalate: [{ after: 5m, role: on-call }]\nchannels:\n  x: { role: lead }\n',
  })
  const contactFindings = (people: Record<string, string[]>) =>
    checkContacts(join(root, 'severities.yaml'), people, root).map(({ place, code }) => [place.line, code])
  expect(
    contactFindings({ 'on-call': ['ann@example.com'], lead: ['TODO@example.com', 'bob@example.com'] }),
  ).toEqual([])
  expect(contactFindings({ 'on-call': ['TODO'] })).toEqual([
    [3, 'contact-missing'],
    [5, 'contact-missing'],
  ])
})

test('a contact is overdue after 180 days, and one without a day is not', () => {
  write({ 'people.yaml': 'people:\n  ann@example.com: { checked: 2026-06-03 }\n  bob@example.com: {}\n' })
  const overdue = (day: string): number[] =>
    checkContactAges(join(root, 'people.yaml'), Date.parse(day), root).map(({ place }) => place.line)
  expect([overdue('2026-11-30'), overdue('2026-12-01')]).toEqual([[], [2]])
})

test('a promised page or anchor that is gone is an error, unless an earlier name of another answers', async () => {
  write({
    'runbooks/a.md': `---\naliases: [old]\n---\n\n# A\n\n## Stop the traffic {#stop}\n${step}\n## Look\n${step}`,
    'anchors.json': JSON.stringify(
      { 'runbooks/a/': ['look', 'stop', 'wait'], 'runbooks/old/': ['x'], 'runbooks/gone/': [] },
      null,
      2,
    ),
  })
  const content = join(root, 'runbooks')
  const options = {
    cwd: root,
    content,
    kinds: makeKinds(),
    root,
    now,
    cache: openCache({ RUNBOOK_CACHE: 'off' }),
  }
  const findings = (await checkAll(listEntries(content), options)).filter(
    ({ code }) => code === 'lost-address',
  )
  expect(
    findings.map(({ place, message }) => `${place.file}:${place.line}:${place.column} ${message}`),
  ).toEqual([
    'anchors.json:10:3 The promised page `/runbooks/gone/` is gone',
    'runbooks/a.md:1:1 The promised anchor `#wait` is gone',
  ])
})

test.each(['{', '{"runbooks/a/": "stop"}', '[]'])(
  'a list of promises that is %s is an error, and no crash',
  async (text) => {
    write({ 'runbooks/a.md': `# A\n${step}`, 'anchors.json': text })
    const content = join(root, 'runbooks')
    const options = {
      cwd: root,
      content,
      kinds: makeKinds(),
      root,
      now,
      cache: openCache({ RUNBOOK_CACHE: 'off' }),
    }
    const findings = await checkAll(listEntries(content), options)
    expect(findings.map(({ place, code }) => `${place.file}:${place.line} ${code}`)).toEqual([
      'anchors.json:1 file-unreadable',
    ])
  },
)

test('an MDX file whose name the site cannot load is named, and a Markdown file of that name is not', async () => {
  const mdx = '---\ntitle: A\n---\n\n<Check id="a" title="A">\n\n```bash\ntrue\n```\n\n</Check>\n'
  write({ 'c#.mdx': mdx, 'why?.mdx': mdx, 'c#.md': `# C\n${step}`.replace('C', 'Other') })
  expect((await check()).filter((line) => line.includes('invalid-url'))).toEqual([
    'c#.mdx:1 invalid-url',
    'why?.mdx:1 invalid-url',
  ])
})
