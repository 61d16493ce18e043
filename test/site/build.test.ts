import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesBelow } from '../../src/build/built-pages.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
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
      'warned.mdx': page('').replace('title: T', 'title: T\nreviewed: 2020-01-01\nreviewEvery: 90d'),
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
  expect(built.text).not.toContain('review-overdue')
  built.remove()
})

describe('a folder of documents, built from nothing, then with mistakes, then corrected', () => {
  const folder = join(root, 'mended')
  const content = join(folder, 'runbooks')
  const runs = { changed: '20261120-081400-changed-k3f9', gone: '20261120-081500-gone-x2aa' }
  let fresh: Built
  let broken: Built
  let mended: Built
  let [before, between] = [new Map<string, string>(), new Map<string, string>()]
  let inode = 0

  const record = (state: string, run: string, slug: string): Promise<unknown> =>
    recordRun(state, run, content, slug, [['run-ended', '', { status: 'succeeded', message: 'Done' }]])

  function makeMistakes(): void {
    project('mended', {
      'a.mdx': page(
        '[b](./b.mdx) [nowhere](./nowhere.mdx) [lost](#nowhere) [figures](/kpi/service/nowhere/)',
      ),
      'b.mdx': page('[a](./a.mdx#ok)'),
      'same.mdx': page('Words.'),
      'changed.mdx': page(''),
      'gone.mdx': page('Words.'),
    })
    const anchors = { 'runbooks/a/': ['ok', 'older'], 'runbooks/was/': ['x'] }
    writeFileSync(join(folder, 'anchors.json'), JSON.stringify(anchors))
  }

  function correct(): void {
    const text = page('[b](./b.mdx) [figures](/kpi/service/quiet/) [run](/runs/20260101-000000-a-k3f9/)')
    writeFileSync(
      join(content, 'a.mdx'),
      text
        .replace('title: T', 'title: T\nservices: [quiet]\naliases: [was, /old/]')
        .replace('id="ok"', 'id="ok" was="older"'),
    )
    writeFileSync(join(content, 'changed.mdx'), page('').replace('id="ok"', 'id="other"'))
    rmSync(join(content, 'gone.mdx'))
  }

  const stateOf = (name: string) => async (state: string) => {
    rmSync(state, { recursive: true, force: true })
    await cp(join(folder, name), state, { recursive: true })
  }

  beforeAll(async () => {
    makeMistakes()
    const first = join(folder, 'first')
    for (const slug of ['changed', 'gone'] as const) await record(first, runs[slug], slug)
    await cp(first, join(folder, 'second'), { recursive: true })
    await record(join(folder, 'second'), '20261120-081600-b-k3f9', 'b')
    correct()
    fresh = await buildSite(content, stateOf('second'), undefined, command)
    expect(fresh.code, fresh.text).toBe(0)
    ;[before, inode] = [allOf(fresh.out), inodeOf(fresh.out, 'same')]
    makeMistakes()
    broken = await buildSite(content, stateOf('first'), fresh.folder, command)
    between = allOf(fresh.out)
    correct()
    // What has not changed is taken from the build before.
    mended = await buildSite(content, stateOf('second'), fresh.folder, command)
    expect(mended.code, mended.text).toBe(0)
  })

  afterAll(() => fresh?.remove())

  test('a dead link between documents stops the build, and so does a lost anchor, each with its place', () => {
    expect(broken.code).not.toBe(0)
    expect(broken.text).toContain('error: The built site does not hold together:\n')
    expect(broken.text).not.toContain('unhandled error')
    for (const sentence of [
      '/runbooks/a/: the link `./nowhere.mdx` leads to no page',
      '/runbooks/a/: the link `#nowhere` leads to no id `nowhere`',
      '/runbooks/a/: the link `/kpi/service/nowhere/` leads to no page\n',
      '/runbooks/a/#older is gone: write `was="older"` on the step that took its place',
      '/runbooks/was/ is gone: name its address in `aliases:`',
    ])
      expect(broken.text).toContain(sentence)
  })

  test('a link to figures or to a run that this machine has no records of is named, and does not stop the build', () => {
    expect(fresh.text).toContain(
      '/runbooks/a/: the link `../../kpi/service/quiet/` leads to no page until the site has its run, or figures of its service',
    )
    expect(fresh.text).toContain('the link `../../runs/20260101-000000-a-k3f9/` leads to no page until')
  })

  test('a build that fails leaves the site that was there', () => {
    expect(between).toEqual(before)
  })

  test('once they are corrected, what has not changed is as in a build from nothing', () => {
    expect(readFileSync(join(mended.out, 'runbooks/a/index.html'), 'utf8')).toContain('href="/old/"')
    expect(inodeOf(mended.out, 'same')).toBe(inode)
    const pages = pagesOf(mended.out)
    expect(pages.size).toBeGreaterThan(50)
    expect(pages).toEqual(pagesIn(before))
  })

  test('a run whose runbook has changed or is gone keeps its page, without a link that leads nowhere', () => {
    for (const [slug, run] of Object.entries(runs)) {
      const html = readFileSync(join(mended.out, 'runs', run, 'index.html'), 'utf8')
      expect(html).toContain('It is so')
      expect(html).not.toContain(`/runbooks/${slug}/#ok`)
    }
  })
})

/** Builds as people do: in a folder that then replaces the earlier site. */
const command = (out: string): string[] => ['runner/main.mjs', 'site', 'build', '--out', out]

function inodeOf(out: string, slug: string): number {
  return statSync(join(out, 'runbooks', slug, 'index.html')).ino
}

/** Every file of a built site. */
function allOf(out: string): Map<string, string> {
  return new Map(filesBelow(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]))
}

/** The pages, diagrams and Markdown of a built site, without the time of the build. */
function pagesOf(out: string): Map<string, string> {
  return pagesIn(allOf(out))
}

function pagesIn(files: ReadonlyMap<string, string>): Map<string, string> {
  const pages = [...files].filter(([name]) => /\.(?:html|svg|md)$/.test(name))
  return new Map(
    pages.map(([name, text]) => [
      name,
      text.replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(?:Z| UTC)/g, ''),
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
