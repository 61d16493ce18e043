import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { filesBelow } from '../../src/build/built-pages.ts'
import { alone, buildSite, runNode } from './support/build.ts'
import { recordRun } from './support/runs.ts'

// Inside the project, because Astro compiles what lies below its root; where git and linters do not look.
mkdirSync('dist', { recursive: true })
const root = mkdtempSync(resolve('dist/site-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function project(name: string, documents: Record<string, string>): string {
  const content = join(root, name, 'runbooks')
  mkdirSync(content, { recursive: true })
  for (const [file, text] of Object.entries(documents)) writeFileSync(join(content, file), text)
  return content
}

const step = '<Check id="ok" title="It is so">\n\n```sh\ntrue\n```\n\n</Check>\n'
const page = (body: string): string => `---\ntitle: T\n---\n\n${body}\n\n${step}`

test('code in a document stops the build before anything of it runs, with its place', async () => {
  const proof = join(root, 'it-ran')
  const code = `{(await import('node:fs')).writeFileSync(${JSON.stringify(proof)}, '')}`
  const built = await buildSite(
    project('code', {
      'expression.mdx': page(code),
      'esm.mdx': page('import x from "node:fs"'),
      'spread.mdx': page('<details {...process.env}>x</details>'),
      'element.mdx': page('<Comand id="x" />'),
      'broken.mdx': page('<Check>'),
    }),
  )
  expect(built.code).not.toBe(0)
  expect(existsSync(proof)).toBe(false)
  for (const line of [
    /expression\.mdx:5:1: error: Unexpected expression .*\[code-in-document\]/,
    /esm\.mdx:5:1: error: Unexpected import or export, .*\[code-in-document\]/,
    /spread\.mdx:5:10: error: Unexpected attribute .*\[unknown-attribute\]/,
    /element\.mdx:5:1: error: Unexpected element <Comand>.*\[unknown-element\]\n {2}hint: Did you mean <Command>\?/,
    /broken\.mdx:5:1: error: .*\[invalid-syntax\]/,
  ]) {
    expect(built.text).toMatch(line)
  }
  built.remove()
})

test('a dead link or a lost anchor stops the build; once fixed, what has not changed is as in a build from nothing', async () => {
  const content = project('anchors', {
    'a.mdx': page('[b](./b.mdx)'),
    'b.mdx': page('[a](./a.mdx#ok)'),
    'same.mdx': page('Words.'),
    'gone.mdx': page('Words.'),
  })
  const nothing = (): Promise<void> => Promise.resolve()
  const first = await buildSite(content, nothing, undefined, command)
  expect(first.code, first.text).toBe(0)
  const [before, inode] = [allOf(first.out), inodeOf(first.out, 'same')]
  const file = join(root, 'anchors', 'anchors.json')
  writeFileSync(file, JSON.stringify({ 'runbooks/a/': ['ok', 'older'], 'runbooks/was/': ['x'] }))
  writeFileSync(join(content, 'a.mdx'), page('[b](./b.mdx) [gone](./none.mdx) [lost](#nowhere)'))
  const built = await buildSite(content, nothing, first.folder, command)
  expect(built.code).not.toBe(0)
  for (const problem of [
    '/runbooks/a/: the link `./none.mdx` leads to no page',
    '/runbooks/a/: the link `#nowhere` leads to no id `nowhere`',
    '/runbooks/a/#older is gone: write `was="older"` on the step that took its place',
    '/runbooks/was/ is gone: name its address in `aliases:`',
  ])
    expect(built.text).toContain(problem)
  expect(allOf(first.out)).toEqual(before)
  const text = page('[b](./b.mdx)')
  writeFileSync(
    join(content, 'a.mdx'),
    text.replace('title: T', 'title: T\naliases: [was, /old/]').replace('id="ok"', 'id="ok" was="older"'),
  )
  rmSync(join(content, 'gone.mdx'))
  const record = async (state: string): Promise<void> => {
    await recordRun(state, '20261120-081400-b-k3f9', content, 'b', [
      ['run-ended', '', { status: 'succeeded', message: 'Done' }],
    ])
  }
  // In the same folder what has not changed is taken from the build before; in another one everything is made.
  const mended = await buildSite(content, record, first.folder, command)
  expect(mended.code, mended.text).toBe(0)
  expect(readFileSync(join(mended.out, 'runbooks/a/index.html'), 'utf8')).toContain('href="/old/"')
  expect(inodeOf(mended.out, 'same')).toBe(inode)
  expect(existsSync(join(mended.out, 'runbooks/gone'))).toBe(false)
  const fresh = await buildSite(content, record)
  expect(fresh.text).not.toContain('(restored)')
  const pages = pagesOf(mended.out)
  expect(pages.size).toBeGreaterThan(50)
  expect(pages).toEqual(pagesOf(fresh.out))
  mended.remove()
  fresh.remove()
})

const command = (out: string): string[] => ['runner/main.mjs', 'site', 'build', '--out', out]

function inodeOf(out: string, slug: string): number {
  return statSync(join(out, 'runbooks', slug, 'index.html')).ino
}

/** Every file of a built site. */
function allOf(out: string): Map<string, string> {
  return new Map(filesBelow(out).map((name) => [name, readFileSync(join(out, name), 'latin1')]))
}

/** The pages, diagrams and Markdown of a built site, without the time of the build. */
function pagesOf(out: string): Map<string, string> {
  const files = filesBelow(out).filter((name) => /\.(?:html|svg|md)$/.test(name))
  return new Map(
    files.map((name) => [
      name,
      readFileSync(join(out, name), 'utf8').replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(?:Z| UTC)/g, ''),
    ]),
  )
}

test('nothing at all still makes a site', async () => {
  const built = await buildSite(join(root, 'empty', 'runbooks'))
  expect(built.code, built.text).toBe(0)
  expect(readFileSync(join(built.out, 'index.html'), 'utf8')).toContain('There is no runbook yet')
  expect(readFileSync(join(built.out, 'runs/index.html'), 'utf8')).toContain('No run is recorded yet')
  built.remove()
})

test('a run whose runbook has changed or is gone keeps its page, without a link that leads nowhere', async () => {
  const content = project('changed', { 'a.mdx': page(''), 'gone.mdx': page('') })
  const runs = { a: '20261120-081400-a-k3f9', gone: '20261120-081500-gone-x2aa' }
  const built = await buildSite(content, async (state) => {
    for (const slug of ['a', 'gone'] as const)
      await recordRun(state, runs[slug], content, slug, [
        ['run-ended', '', { status: 'succeeded', message: 'Done' }],
      ])
    writeFileSync(join(content, 'a.mdx'), page('').replace('id="ok"', 'id="other"'))
    rmSync(join(content, 'gone.mdx'))
  })
  expect(built.code, built.text).toBe(0)
  for (const run of Object.values(runs)) {
    const html = readFileSync(join(built.out, 'runs', run, 'index.html'), 'utf8')
    expect(html).toContain('It is so')
    expect(html).not.toContain('/runbooks/a/#ok"')
  }
  built.remove()
})

test('Markdown that others keep is published from any folder, whatever is wrong with its links and images', async () => {
  const home = mkdtempSync(join(tmpdir(), 'runbook-elsewhere-'))
  mkdirSync(join(home, 'content/runbooks'), { recursive: true })
  const write = (name: string, text: string): void =>
    writeFileSync(join(home, 'content/runbooks', name), text)
  write('My notes (ü).md', '# Notes\n\n[gone](gone.md) [bad](#%zz) [back](50%25%20full.md)\n')
  write(
    '50% full.md',
    '# Full\n\n![lost](lost.png) ![bad](%zz.png) ![junk](junk.png)\n\n```diff\n-a\n+b\n```\n',
  )
  write('junk.png', 'no image')
  symlinkSync('.', join(home, 'content/runbooks/circle'))
  const built = await alone(() =>
    runNode(process.env, [resolve('runner/main.mjs'), 'site', 'build', '--out', 'pages'], home),
  )
  expect(built.code, built.text).toBe(0)
  const notes = readFileSync(join(home, 'pages/runbooks/My notes (ü)/index.html'.toLowerCase()), 'utf8')
  expect(notes).toContain('href="../../runbooks/50-%20full/"')
  expect(notes).toContain('gone')
  expect(notes).not.toContain('gone</a>')
  const full = readFileSync(join(home, 'pages/runbooks/50- full/index.html'), 'utf8')
  expect(full).toContain('[lost] [bad] [junk]')
  expect(full).not.toContain('style=')
  rmSync(home, { recursive: true, force: true })
})
