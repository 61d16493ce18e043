import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

describe('a folder of documents, first with mistakes, then corrected, then built again from nothing', () => {
  const content = join(root, 'mended', 'runbooks')
  const runs = { changed: '20261120-081400-changed-k3f9', gone: '20261120-081500-gone-x2aa' }
  let broken: Built
  let mended: Built
  let fresh: Built

  beforeAll(async () => {
    project('mended', {
      'a.mdx': page('[b](./b.mdx) [nowhere](./nowhere.mdx) [lost](#nowhere)'),
      'b.mdx': page('[a](./a.mdx#ok)'),
      'same.mdx': page('Words.'),
      'changed.mdx': page(''),
      'gone.mdx': page('Words.'),
    })
    const anchors = { 'runbooks/a/': ['ok', 'older'], 'runbooks/was/': ['x'] }
    writeFileSync(join(content, '..', 'anchors.json'), JSON.stringify(anchors))
    broken = await buildSite(content, async (state) => {
      for (const slug of ['changed', 'gone'] as const)
        await recordRun(state, runs[slug], content, slug, [
          ['run-ended', '', { status: 'succeeded', message: 'Done' }],
        ])
    })
    const text = page('[b](./b.mdx)')
    writeFileSync(
      join(content, 'a.mdx'),
      text.replace('title: T', 'title: T\naliases: [was, /old/]').replace('id="ok"', 'id="ok" was="older"'),
    )
    writeFileSync(join(content, 'changed.mdx'), page('').replace('id="ok"', 'id="other"'))
    rmSync(join(content, 'gone.mdx'))
    // In the same folder what has not changed is taken from the build before; in another one everything is made.
    mended = await buildSite(
      content,
      async (state) => {
        await recordRun(state, '20261120-081600-b-k3f9', content, 'b', [
          ['run-ended', '', { status: 'succeeded', message: 'Done' }],
        ])
      },
      broken.folder,
    )
    expect(mended.code, mended.text).toBe(0)
    fresh = await buildSite(content, (state) => cp(mended.state, state, { recursive: true }))
    expect(fresh.code, fresh.text).toBe(0)
  })

  afterAll(() => {
    broken?.remove()
    fresh?.remove()
  })

  test('a dead link between documents stops the build, and so does a lost anchor, each with its place', () => {
    expect(broken.code).not.toBe(0)
    for (const sentence of [
      '/runbooks/a/: the link `./nowhere.mdx` leads to no page',
      '/runbooks/a/: the link `#nowhere` leads to no id `nowhere`',
      '/runbooks/a/#older is gone: write `was="older"` on the step that took its place',
      '/runbooks/was/ is gone: name its address in `aliases:`',
    ])
      expect(broken.text).toContain(sentence)
  })

  test('once they are corrected, what has not changed is as in a build from nothing', () => {
    expect(readFileSync(join(mended.out, 'runbooks/a/index.html'), 'utf8')).toContain('href="/old/"')
    expect(mended.text).toMatch(/\/runbooks\/same\/index\.html +\(cached\)/)
    for (const slug of ['a', 'b'])
      expect(mended.text).not.toMatch(new RegExp(`/runbooks/${slug}/index\\.html +\\(cached`))
    expect(fresh.text).not.toMatch(/\((?:cached|restored)\)/)
    const pages = pagesOf(mended.out)
    expect(pages.size).toBeGreaterThan(50)
    expect(pages).toEqual(pagesOf(fresh.out))
  })

  test('a run whose runbook has changed or is gone keeps its page, without a link that leads nowhere', () => {
    for (const [slug, run] of Object.entries(runs)) {
      const html = readFileSync(join(mended.out, 'runs', run, 'index.html'), 'utf8')
      expect(html).toContain('It is so')
      expect(html).not.toContain(`/runbooks/${slug}/#ok`)
    }
  })
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
