import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { launch } from './support/browser.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
import { recordWholeRun } from './support/runs.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

// The site of this project's own runbooks, as it is published.
let built: Built
let site: Served
let browser: Browser
let slugs: { slug: string; steps: { id: string }[] }[]

beforeAll(async () => {
  const content = resolve('content/runbooks')
  built = await buildSite(content, (state) =>
    recordWholeRun(state, '20261120-081400-release-checklist-k3f9', content, 'release-checklist'),
  )
  expect(built.code, built.text).toBe(0)
  site = await serve(built.out)
  browser = await launch()
  slugs = (JSON.parse(readFileSync(join(built.out, 'runbooks.json'), 'utf8')) as { runbooks: typeof slugs })
    .runbooks
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  built?.remove()
})

/** Opens the page of each runbook, one after the other; without scripts where `javaScriptEnabled` is false. */
async function each(
  javaScriptEnabled: boolean,
  look: (page: Page, at: number) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ serviceWorkers: 'block', javaScriptEnabled })
  const page = await context.newPage()
  for (const [at, { slug }] of slugs.entries()) {
    await page.goto(`${site.origin}/runbooks/${slug}/`)
    await look(page, at)
  }
  await context.close()
}

test('the next page of each page of the documentation is the one below it in the list, and leads back', () => {
  const read = (path: string): string => readFileSync(join(built.out, path, 'index.html'), 'utf8')
  const [list = ''] = /<nav class="doc-nav"[\s\S]*?<\/nav>/.exec(read('/docs/')) ?? []
  const paths = [...list.matchAll(/href="([^"]+)"/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(30)
  const linkOf = (rel: string, path: string): string | undefined =>
    new RegExp(`<a rel="${rel}" href="([^"]+)"`).exec(read(path))?.[1]
  expect(paths.map((path) => linkOf('next', path))).toEqual([...paths.slice(1), undefined])
  expect(paths.map((path) => linkOf('prev', path))).toEqual([undefined, ...paths.slice(0, -1)])
})

test('a heading is a link to itself by keyboard, and its sign moves no text', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block', javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${site.origin}/docs/writing/`)
  const heading = page.locator('h2#inputs-and-outputs')
  const link = heading.getByRole('link')
  const [text, around] = [await link.boundingBox(), await heading.boundingBox()]
  expect(text?.x).toBe(around?.x)
  await link.focus()
  expect((await link.boundingBox())?.width).toBe(text?.width)
  await page.keyboard.press('Enter')
  expect(new URL(page.url()).hash).toBe('#inputs-and-outputs')
  await context.close()
})

test('a heading of a reference that is made from a table leads to itself, and the page lists its parts', () => {
  const read = (path: string): string => readFileSync(join(built.out, path, 'index.html'), 'utf8')
  const page = read('/docs/reference/frontmatter/')
  const parts = [...page.matchAll(/<h2 id="([^"]+)"><a class="self" href="#([^"]+)"/g)]
  expect(parts.length).toBeGreaterThan(2)
  for (const [, id, to] of parts) expect(to).toBe(id)
  const [list = ''] = /<nav class="on-page"[\s\S]*?<\/nav>/.exec(page) ?? []
  expect([...list.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(parts.map(([, id]) => id))
})

test('the list of the documentation is open where the page is, and one click away from every other', () => {
  for (const path of ['/docs/running/', '/docs/reference/frontmatter/', '/docs/kinds/gate/']) {
    const page = readFileSync(join(built.out, path, 'index.html'), 'utf8')
    const [list = ''] = /<nav class="doc-nav"[\s\S]*?<\/nav>/.exec(page) ?? []
    const open = list.split('<details').filter((part) => part.startsWith(' open'))
    expect(open).toHaveLength(1)
    expect(open[0]).toContain('aria-current="page"')
  }
})

test('a build warns of nothing', () => {
  expect(built.text).not.toContain('[WARN]')
})

test('every name that older documents link to is an anchor of exactly one page', () => {
  const pages = readdirSync(built.out, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => readFileSync(join(built.out, name), 'utf8'))
  const counts = [
    'release-pipeline',
    'macos-dmg-builder',
    'windows-msi-builder',
    'release-checklist',
    'incident-template',
    'feature-flag-rollout',
    'status-page-automation',
    'ops-documentation',
    'incident-database-locks',
  ].map((name) => [name, pages.filter((html) => new RegExp(` id="?${name}"?[ >]`).test(html)).length])
  expect(counts.filter(([, count]) => count !== 1)).toEqual([])
})

test('the entity of Backstage in the docs has the name of a service, and links to pages of the site', () => {
  const [, yaml = ''] =
    /```yaml title="catalog-info\.yaml"\n([\s\S]*?)```/.exec(
      readFileSync('content/docs/hosting.md', 'utf8'),
    ) ?? []
  const { metadata } = parse(yaml) as {
    metadata: { annotations: Record<string, string>; links: { url: string }[] }
  }
  const paths = metadata.links.map(({ url }) => new URL(url).pathname)
  expect(paths[0]).toBe(`/by/service/${metadata.annotations['runbook/service']}/`)
  for (const path of paths) expect(existsSync(join(built.out, path, 'index.html')), path).toBe(true)
  expect(existsSync(join(built.out, 'embed'))).toBe(false)
})

test('the page of requirements leads to the runbooks and steps that refer to each, and their pages lead back', () => {
  const html = readFileSync(join(built.out, 'requirements/index.html'), 'utf8')
  const [, part = ''] = /data-requirement="?OPS-3\.28"?([^]*?)<\/section>/.exec(html) ?? []
  expect(part).toMatch(/href="?\/runbooks\/incident\/#call"?/)
  const page = readFileSync(join(built.out, 'runbooks/incident/index.html'), 'utf8')
  expect(page).toMatch(/href="?\/requirements\/#ops-3\.7"?/)
  expect(html).toContain('No runbook refers to it')
})

/** The release checklist at a width, and how high it is. */
async function checklist(width: number, height: number): Promise<[Page, number]> {
  const context = await browser.newContext({
    serviceWorkers: 'block',
    javaScriptEnabled: false,
    viewport: { width, height },
  })
  const page = await context.newPage()
  await page.goto(`${site.origin}/runbooks/release-checklist/`)
  return [page, await page.evaluate(() => document.documentElement.scrollHeight)]
}

test('the release checklist is read in three screens at a desk, and in six on a phone', async () => {
  const [page, height] = await checklist(1280, 900)
  expect(height).toBeLessThanOrEqual(3 * 900)
  // The text of each person's step is there without a click; the scripts are there for paper, search and a click.
  for (const words of [
    'Support has read the changelog entry',
    'compare the digests',
    'needs 1 of release-manager',
  ])
    expect(await page.getByText(words).isVisible(), words).toBe(true)
  const script = page.locator('.step:has(#canary-10) pre', { hasText: 'traffic set' })
  expect(await script.isVisible()).toBe(false)
  await page.locator('.step:has(#canary-10) summary').click()
  expect(await script.isVisible()).toBe(true)
  await page.emulateMedia({ media: 'print' })
  const hidden = await page
    .locator('.step pre')
    .evaluateAll((all) => all.filter((one) => !one.checkVisibility()))
  expect(hidden).toEqual([])
  await page.context().close()

  const [phone, long] = await checklist(360, 750)
  expect(long).toBeLessThanOrEqual(6 * 750)
  await phone.context().close()
})

test('the flow of the release checklist fits a phone, and each of its nodes leads to a step', async () => {
  const [page] = await checklist(360, 740)
  await page.locator('.flow > summary').click()
  const nodes = page.locator('.flow a')
  expect(await nodes.count()).toBe(await page.locator('.step').count())
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  const size = await page
    .locator('.flow text')
    .first()
    .evaluate((text) => text.getBoundingClientRect().height)
  expect(size).toBeGreaterThan(11)
  await page.locator('.flow a[href="#promote"]').click()
  expect(await page.locator('.step:has(#promote) pre').first().isVisible()).toBe(true)
  expect(await page.locator('.step:has(#promote) .more').innerText()).toMatch(
    /Worked:? *1 of 1 times, last 2026-11-20/,
  )
  await page.context().close()
})

test('the elements and attributes of MDX in the docs have colors of their own', () => {
  const html = readFileSync(join(built.out, 'docs/kinds/command/index.html'), 'utf8')
  const [, command = ''] = /<pre[^>]*>([\s\S]*?)<\/pre>/.exec(html) ?? []
  expect(command).toMatch(/<span class="?token-[\w-]+"?>\s*id</)
  expect(command).toMatch(/<span class="?token-string[\w-]*"?>"tag"</)
})

test('every page has a twin in Markdown with its steps and scripts, and llms.txt lists those of the runbooks', () => {
  const files = readdirSync(built.out, { recursive: true, encoding: 'utf8' })
  const listed = readFileSync(join(built.out, 'llms.txt'), 'utf8')
  for (const name of files.filter((one) => one.endsWith('.html'))) {
    const html = readFileSync(join(built.out, name), 'utf8')
    const [, twin] = /<link rel="alternate" type="text\/markdown" href="\/([^"]+)"/.exec(html) ?? []
    const isPage = !html.includes('name="robots" content="noindex"') && name !== '404.html'
    expect(twin === undefined, name).toBe(!isPage)
    if (twin !== undefined) expect(files, name).toContain(twin)
  }
  for (const { slug, steps } of slugs) {
    expect(listed).toContain(`/runbooks/${slug}.md)`)
    const html = readFileSync(join(built.out, `runbooks/${slug}/index.html`), 'utf8')
    const text = readFileSync(join(built.out, `runbooks/${slug}.md`), 'utf8')
    for (const { id } of steps) expect(text, slug).toContain(`(#${id})`)
    expect(text.match(/^```/gm)?.length, slug).toBe((html.match(/<pre\b/g)?.length ?? 0) * 2)
    expect(text, slug).not.toMatch(/<\/(?:details|summary|dl|dd|fact-\w+)>/)
    expect(text.match(/- \[[ x]\] /g)?.length, slug).toBe(html.match(/type="checkbox"/g)?.length)
  }
})

test('every runbook page: one request, 16 KB gzipped with its style, 3 KB of script', async () => {
  const bytesOf = (path: string): Buffer =>
    readFileSync(join(built.out, path.endsWith('/') ? `${path}index.html` : path))
  expect(slugs.length).toBeGreaterThan(15)
  const context = await browser.newContext({ serviceWorkers: 'block' })
  const page = await context.newPage()
  let seen: string[] = []
  page.on('request', (request) => seen.push(new URL(request.url()).pathname))
  for (const { slug } of slugs) {
    seen = []
    await page.goto(`${site.origin}/runbooks/${slug}/`)
    const files = seen.filter((path) => path.startsWith('/'))
    // A default that a shell would read more into, such as `session:*`, is put into the commands by the script of the form.
    const others = files.filter((path) => !path.endsWith('/inputs.js'))
    expect(others.length, `${slug}: ${files.join(' ')}`).toBe(1)
    const zipped = files.reduce((sum, path) => sum + gzipSync(bytesOf(path)).length, 0)
    expect(zipped, slug).toBeLessThanOrEqual(16 * 1024)
    const scripts = [...String(bytesOf(`/runbooks/${slug}/`)).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
    expect(scripts.map(([, code]) => code).join('').length, slug).toBeLessThanOrEqual(3000)
  }
  await context.close()
})

test('without JavaScript every step is on its page, under its own number', async () => {
  await each(false, async (page, at) => {
    const cards = await page
      .locator('.step')
      .evaluateAll((steps: Element[]) =>
        steps.map((step: Element) => [
          step.querySelector('h2,h3')?.id,
          step.querySelector('.eyebrow a')?.textContent,
        ]),
      )
    expect(cards).toEqual(slugs[at]?.steps.map(({ id }, index) => [id, String(index + 1)]))
  })
})

test('on paper every line of every command is there, also of those that are folded on the screen', async () => {
  await each(true, async (page, at) => {
    // The width between the margins of A4.
    await page.setViewportSize({ width: 700, height: 900 })
    await page
      .locator('details')
      .evaluateAll((folds: Element[]) => folds.forEach((fold: Element) => fold.removeAttribute('open')))
    await page.emulateMedia({ media: 'print' })
    const lost = await page.locator('pre code').evaluateAll((codes: Element[]) =>
      codes
        .filter((code: Element) => {
          const range = document.createRange()
          range.selectNodeContents(code)
          const lines = [...range.getClientRects()]
          const frame = code.parentElement?.getBoundingClientRect()
          return (
            !code.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
            lines.length < code.textContent.split('\n').length ||
            lines.some(({ left, right }) => left < (frame?.left ?? 0) || right > (frame?.right ?? 0) + 1)
          )
        })
        .map((code: Element) => code.textContent),
    )
    expect(lost, slugs[at]?.slug).toEqual([])
    await page.emulateMedia({ media: null })
  })
})
