import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, open } from './support/browser.ts'
import { alone, runNode } from './support/build.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

// Markdown as it lies in other repositories, in a folder that knows nothing of this project or its packages.
const documents: Record<string, string> = {
  'README.md':
    '# All of them\n\n[weird](Weird.md) [front](sub/front.md) [signs](%C3%9Cn%C3%AF%20c%C3%B6d%C3%A9.md) [folder](./sub/) [script](./sub/fix.sh)\n',
  'Weird.md': `<!-- a comment -->
# Weird *title* with \`code\`

[dead end](./Nowhere.md) [above](../../../../x.md) [bare](sub/front#here) [old](/old/) {{< ref "x" >}} [hugo]({{< ref "./sub/front.md" >}}) [chart](./chart.svg) [lost](#nope) ![missing](./missing.png) ![far](https://example.com/far.png) ![pointer](./pointer.png)
[![badge](https://example.com/badge.svg)](https://example.com) [acts](javascript:alert(1))

## Same
### Deep
##### A level is skipped
## Same

<a name="old"></a> <a name="same"></a> <div id="same">An id that is taken.</div>

| wide | wider |
|---|---|
| ${'very_long_cell_'.repeat(12)} | x |

<table><tr><td style="color:red" onclick="x()">${'raw_cell_'.repeat(20)}</td></tr></table>
<p align="center"><img src="https://example.com/a.png" alt="A raw image" width="900"> <a href="javascript:alert(1)">js</a></p>
<video src="x.mp4"></video> <input type="text"> <select><option>one</select>

- [ ] a task with [a link](https://example.com)

\`\`\`promql
sum(rate(http_requests_total{code=~"5.."}[5m])) by (job)
\`\`\`
`,
  'sub/front.md':
    '---\ntitle: "Front: matter"\nalert: Foo\nservices: [shop]\naliases: [/old/]\n---\n\nNo heading <here>, <a href="../Weird.md">weird</a>. <a id="here"></a>\n',
  'sub/fix.sh': 'true\n',
  'sub/index.md': '# The folder\n',
  'chart.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  'a#b?c.md': '# Signs of addresses\n',
  'line\u2028end.md': '# A separator\n',
  'pointer.png': 'version https://git-lfs.github.com/spec/v1\n',
  'Ünï cödé.md': '# عنوان\n\nنص\n\n## 🚨\n\n## 🚨\n',
  'empty.md': '',
  'alert.md': `---\nseverity: high\nalerts:\n  - name: ${'AlertOfManyWords'.repeat(4)}\n---\n\n# An alert\n`,
  'My notes (ü).md': '# Notes\n\n[gone](gone.md) [bad](#%zz) [back](50%25%20full.md)\n',
  '50% full.md': '# Full\n\n![lost](lost.png) ![bad](%zz.png) ![junk](junk.png)\n\n```diff\n-a\n+b\n```\n',
  'junk.png': 'no image',
}

const folder = mkdtempSync(join(tmpdir(), 'runbook-foreign-'))
let printed = ''
let site: Served
let browser: Browser
/** A server of another site, whose pages frame the address of their query; its port. */
let framing: Server
let framingPort = 0

beforeAll(async () => {
  for (const [name, text] of Object.entries(documents)) {
    const file = join(folder, 'docs', name)
    mkdirSync(resolve(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  symlinkSync('.', join(folder, 'docs/circle'))
  // A package of the same name as one of ours: not the one the pages are made with.
  mkdirSync(join(folder, 'node_modules/zod'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/zod/index.js'), 'throw new Error("not ours")\n')
  framing = createServer(({ url = '' }, response) => {
    const address = new URL(url, 'http://host').searchParams.get('address')
    response.setHeader('content-type', 'text/html').end(`<iframe src="${address}"></iframe>`)
  })
  await new Promise<void>((begun) => framing.listen(0, '127.0.0.1', begun))
  framingPort = (framing.address() as AddressInfo).port
  writeFileSync(
    join(folder, 'runbook.config.ts'),
    `export default { lang: 'de', embed: { by: ['http://localhost:${framingPort}'] } }\n`,
  )
  const { code, text } = await alone(() =>
    runNode(
      { ...process.env, NO_COLOR: '1', CI: 'true', RUNBOOK_CONTENT: 'docs' },
      [resolve('runner/main.mjs'), 'site', 'build'],
      folder,
    ),
  )
  printed = text
  expect(code, text).toBe(0)
  site = await serve(join(folder, 'dist/site'))
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  framing?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('what leads nowhere is named, and stops nobody from reading the rest', () => {
  const named = [...printed.matchAll(/\[runbook-site\] (\/\S+: .*)/g)].map(([, sentence]) => sentence)
  expect(named).toEqual(['/runbooks/weird/: the link `#nope` leads to no id `nope`'])
})

test('a machine of CI gets one line for each stage of a build', () => {
  const stages = printed.split('\n').filter((line) => /^\d+ [a-z ]+$/.test(line))
  const [runbooks, pages, checked] = stages.map((line) => Number.parseInt(line, 10))
  expect(stages.map((line) => line.replace(/^\d+ /, ''))).toEqual(['runbooks', 'pages', 'pages checked'])
  expect(runbooks).toBe(Object.keys(documents).filter((name) => /\.mdx?$/.test(name)).length)
  expect(pages).toBeGreaterThan(runbooks ?? 0)
  expect(checked).toBeLessThanOrEqual(pages ?? 0)
})

test('runbooks in a folder called docs have one page each, and a query of theirs warns of nothing', () => {
  expect(existsSync(join(folder, 'dist/site/runbooks/weird/index.html'))).toBe(true)
  expect(existsSync(join(folder, 'dist/site/docs/weird'))).toBe(false)
  expect(printed).not.toContain('promql')
})

test('an alert without a severity of its own has the one of its runbook', async () => {
  const { page, close } = await open(browser, `${site.origin}/alerts/`)
  const row = page.getByRole('row').filter({ hasText: 'AlertOfManyWords' })
  expect(await row.locator('.badge').textContent()).toBe('high')
  await close()
})

test('a name without a place to break makes the home page no wider than a phone', async () => {
  const { page, close } = await open(browser, `${site.origin}/`, { viewport: { width: 320, height: 640 } })
  expect(await page.locator('.side').textContent()).toContain('AlertOfManyWords')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  await close()
})

test.each(['readme', 'weird', 'sub/front', 'ünï cödé', 'empty'])(
  '%s is read by anybody, at any width, and loads nothing from elsewhere',
  async (slug) => {
    const url = `${site.origin}/runbooks/${encodeURI(slug)}/`
    const { page, close, complaints } = await open(browser, url)
    await page.evaluate(axe.source)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // As text: a function would be rewritten by the test runner and not find its names in the page.
      const { violations } = await page.evaluate<AxeResults>('axe.run()')
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      )
    }
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    expect(await page.locator('.prose :is(img, [onclick], [style], [href^=javascript])').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  },
)

test('a link between documents leads there, whatever the name of its file', async () => {
  const { page, close } = await open(browser, `${site.origin}/runbooks/readme/`)
  await page.getByRole('link', { name: 'signs' }).click()
  await page.getByRole('heading', { name: 'عنوان' }).waitFor()
  await close()
})

test('links hold as their documents write them: without extension, to a folder, in HTML, of Hugo, to an old address', async () => {
  const { page, close } = await open(browser, `${site.origin}/runbooks/weird/`)
  const href = (name: string): Promise<string | null> =>
    page.locator('.prose').getByRole('link', { name, exact: true }).getAttribute('href')
  expect(await href('bare')).toBe('../../runbooks/sub/front/#here')
  expect(await href('hugo')).toBe('../../runbooks/sub/front/')
  expect(await href('old')).toBe('../../runbooks/sub/front/')
  const text = await page.locator('.prose').innerText()
  expect(text).toContain('dead end above bare')
  expect(text).toContain('chart (docs/chart.svg)')
  await page.goto(`${site.origin}/runbooks/readme/`)
  expect(await href('folder')).toBe('../../runbooks/sub/index/')
  await page.goto(`${site.origin}/runbooks/sub/front/`)
  expect(await href('weird')).toBe('../../../runbooks/weird/')
  expect(await page.locator('.prose').innerText()).toContain('No heading <here>, weird.')
  await page.goto(`${site.origin}/old/`)
  await page.waitForURL('**/runbooks/sub/front/')
  await close()
})

test('links and images that lead nowhere are text, whatever their names', () => {
  const notes = readFileSync(join(folder, 'dist/site/runbooks/my notes (ü)/index.html'), 'utf8')
  expect(notes).toContain('href="../../runbooks/50-%20full/"')
  expect(notes).toContain('gone')
  expect(notes).not.toContain('gone</a>')
  const full = readFileSync(join(folder, 'dist/site/runbooks/50- full/index.html'), 'utf8')
  expect(full).toContain('[lost] [bad] [junk]')
  expect(full).not.toContain('style=')
})

test('the language of the configuration is that of every page', async () => {
  const { page, close } = await open(browser, `${site.origin}/runbooks/readme/`)
  for (const path of ['/runbooks/readme/', '/', '/docs/', '/runs/', '/embed/runbooks/readme/']) {
    await page.goto(site.origin + path)
    expect(await page.locator('html').getAttribute('lang'), path).toBe('de')
  }
  await close()
})

describe('in a frame of another site', () => {
  /** The text of a page in a frame of a site on `host`; undefined where the browser does not show it. */
  async function framedText(host: string, path: string): Promise<string | undefined> {
    const address = encodeURIComponent(site.origin + path)
    const { page, close } = await open(browser, `http://${host}:${framingPort}/?address=${address}`)
    const frame = page.frames()[1]
    const isShown = frame?.url().startsWith(site.origin) === true
    const text = isShown ? await frame?.locator('main').innerText() : undefined
    await close()
    return text
  }

  test('the sites of the configuration show the pages below /embed/, and no other site or page is shown', async () => {
    expect(await framedText('localhost', '/embed/runbooks/sub/front/')).toContain('No heading')
    expect(await framedText('localhost', '/embed/by/service/shop/')).toContain('Front: matter')
    expect(await framedText('localhost', '/runbooks/sub/front/')).toBeUndefined()
    expect(await framedText('localhost', '/by/service/shop/')).toBeUndefined()
    expect(await framedText('127.0.0.1', '/embed/runbooks/sub/front/')).toBeUndefined()
  })

  test('a page has neither header nor navigation, leads to the whole one, and is left out by search and robots', async () => {
    const { page, complaints, close } = await open(browser, `${site.origin}/embed/by/service/shop/`)
    await page.getByRole('link', { name: 'Front: matter' }).click()
    await page.waitForURL('**/embed/runbooks/sub/front/')
    expect(await page.locator('header, nav, form').count()).toBe(0)
    const popup = page.context().waitForEvent('page')
    await page.getByRole('link', { name: 'The whole page' }).click()
    expect(new URL((await popup).url()).pathname).toBe('/runbooks/sub/front/')
    expect(await page.locator('meta[name=robots]').getAttribute('content')).toBe('noindex')
    expect(await page.locator('link[rel=canonical]').getAttribute('href')).toMatch(
      /\d\/runbooks\/sub\/front\/$/,
    )
    expect(await page.locator('.prose').getByRole('link', { name: 'weird' }).getAttribute('href')).toBe(
      '/runbooks/weird/',
    )
    expect(complaints).toEqual([])
    await close()
    for (const list of ['sitemap.xml', 'llms.txt', 'sw.js'])
      expect(readFileSync(join(folder, 'dist/site', list), 'utf8')).not.toContain('/embed/')
  })
})

test.each([
  ['a-b-c', 'Signs of addresses'],
  ['line-end', 'A separator'],
])('a file whose name an address cannot hold has its page at %s', async (slug, heading) => {
  const { page, close } = await open(browser, `${site.origin}/runbooks/${slug}/`)
  await page.getByRole('heading', { name: heading }).waitFor()
  await close()
})
