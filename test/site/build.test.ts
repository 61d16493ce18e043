import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

test('a dead link between documents stops the build and says where it is', async () => {
  const built = await buildSite(project('links', { 'a.mdx': page('[gone](./b.mdx) [lost](#nowhere)') }))
  expect(built.code).not.toBe(0)
  expect(built.text).toContain('/runbooks/a/: the link `./b.mdx` leads to no page')
  expect(built.text).toContain('/runbooks/a/: the link `#nowhere` leads to no id `nowhere`')
  built.remove()
})

test('a lost anchor stops the build; once it has an alias, what has not changed is as in a build from nothing', async () => {
  const content = project('anchors', {
    'a.mdx': page('[b](./b.mdx)'),
    'b.mdx': page('[a](./a.mdx#ok)'),
    'same.mdx': page('Words.'),
    'gone.mdx': page('Words.'),
  })
  const file = join(root, 'anchors', 'anchors.json')
  writeFileSync(file, JSON.stringify({ 'runbooks/a/': ['ok', 'older'], 'runbooks/was/': ['x'] }))
  const built = await buildSite(content)
  expect(built.code).not.toBe(0)
  expect(built.text).toContain(
    '/runbooks/a/#older is gone: write `was="older"` on the step that took its place',
  )
  expect(built.text).toContain('/runbooks/was/ is gone: name its address in `aliases:`')
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
  const mended = await buildSite(content, record, built.folder)
  expect(mended.code, mended.text).toBe(0)
  expect(readFileSync(join(mended.out, 'runbooks/a/index.html'), 'utf8')).toContain('href="/old/"')
  expect(mended.text).toMatch(/\/runbooks\/same\/index\.html +\(cached\)/)
  for (const slug of ['a', 'b'])
    expect(mended.text).not.toMatch(new RegExp(`/runbooks/${slug}/index\\.html +\\(cached`))
  const fresh = await buildSite(content, record)
  expect(fresh.text).not.toMatch(/\((?:cached|restored)\)/)
  const pages = pagesOf(mended.out)
  expect(pages.size).toBeGreaterThan(50)
  expect(pages).toEqual(pagesOf(fresh.out))
  mended.remove()
  fresh.remove()
})

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
