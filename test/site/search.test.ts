import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch, open } from './support/browser.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

const documents: Record<string, string> = {
  'disk-full.mdx': `---
title: Überlauf der Festplatte
description: Disk is full — 磁盘已满。
---

## 磁盘检查

检查磁盘空间是否不足。请先看这一段简单的说明。

## ディスク容量

データベースサーバーを再起動しないでください。

<Command id="clean" title="Alte Protokolle löschen" effect="read">

\`\`\`bash
df -h
\`\`\`

</Command>
`,
  // Letters alone do not say that this is Japanese.
  'shougai.md': `---
title: 障害対応手順
lang: ja
---

## 再起動

監視画面で応答時間を確認してから、一台ずつ再起動してください。
`,
  'failover.mdx': `---
title: 数据库故障切换
lang: zh-CN
---

## 检查主库

确认主库已经停止写入，然后把备库提升为主库。

<Command id="lag" title="检查复制延迟" effect="read">

\`\`\`bash
true
\`\`\`

</Command>
`,
  'csharp.md': '# Services\n\nThe client is written in C# and the agent in C++.\n',
  'cats.md': '# Commands\n\nCall curl, copy the cache, close c.\n\n> [!WARNING]\n> Never **twice**.\n',
  'KubePodCrash.md': '# Containers restart again and again\n\nLook at their logs.\n',
  'shop/README.md': '# Read me first\n\nWhere the shop is described.\n',
  'stock/README.md': '# Read me first\n\nWhere the stock is described.\n',
}

mkdirSync('dist', { recursive: true })
const root = mkdtempSync(resolve('dist/site-test-'))
let built: Built
let site: Served
let browser: Browser

beforeAll(async () => {
  for (const [name, text] of Object.entries(documents)) {
    const file = join(root, 'runbooks', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  built = await buildSite(join(root, 'runbooks'))
  expect(built.code, built.text).toBe(0)
  site = await serve(built.out)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  built?.remove()
  rmSync(root, { recursive: true, force: true })
})

/** The results of a search as shown, each as one line. */
async function results(query: string): Promise<string[]> {
  const { page, close } = await open(browser, `${site.origin}/search/?q=${encodeURIComponent(query)}`)
  await page.locator('.search > [role=status]', { hasText: /found/ }).waitFor()
  const shown = await page.locator('.result').allTextContents()
  await close()
  return shown
}

test.each([
  ['磁盘', '磁盘检查'],
  ['磁盘空间', '检查磁盘空间是否不足'],
  ['空间不足', '检查磁盘空间是否不足'],
  ['容量', 'ディスク容量'],
  ['サーバー', 'データベースサーバーを'],
])('%s is found, and shown without spaces between its words', async (query, shown) => {
  expect(await results(query)).toEqual([expect.stringContaining(shown)])
})

test.each([
  ['shougai', 'ja', '応答時間', '障害対応手順'],
  ['failover', 'zh-CN', '备库', '数据库故障切换'],
])(
  '%s says its language on its page, in lists and in results of the search',
  async (slug, lang, query, title) => {
    const { page, close } = await open(browser, `${site.origin}/runbooks/${slug}/`)
    const languageOf = (selector: string): Promise<string | null | undefined> =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => element.closest('[lang]')?.getAttribute('lang'))
    expect(await languageOf('article h2')).toBe(lang)
    expect(await page.locator('html').getAttribute('lang')).toBe(lang)
    for (const own of ['.skip', 'header nav', 'footer']) expect(await languageOf(own)).toBe('en')
    await page.goto(`${site.origin}/`)
    expect(await languageOf('html')).toBe('en')
    expect(await languageOf(`a:text("${title}")`)).toBe(lang)
    await page.goto(`${site.origin}/search/?q=${encodeURIComponent(query)}`)
    await page.locator('.search > [role=status]', { hasText: /1 page found/ }).waitFor()
    expect(await languageOf('.result b')).toBe(lang)
    expect(await page.locator('.result').innerText()).toContain(title)
    await close()
  },
)

test('C# and C++ are words of their own', async () => {
  for (const query of ['C#', 'c++']) {
    const lines = await results(query)
    expect(lines[0]).toContain('Services')
    // The documentation is searched too, and may speak of them; pages with the letter alone are not found.
    for (const line of lines) expect(line).toMatch(/C#|C\+\+/)
  }
})

test('a document is found by the name of its file, whatever its heading says', async () => {
  for (const query of ['KubePodCrash', 'kubepodcrash', 'pod crash'])
    expect((await results(query))[0], query).toContain('Containers restart again and again')
})

test('documents with one title stand with their folders, in results, the index and on the home page', async () => {
  const lines = (await results('described')).filter((line) => line.includes('Read me first'))
  const folders = lines.map((line) => /Read me first (\w+\/)/.exec(line)?.[1])
  expect(folders).toHaveLength(2)
  expect(new Set(folders)).toEqual(new Set(['shop/', 'stock/']))
  for (const page of ['search', '']) {
    const html = readFileSync(join(built.out, page, 'index.html'), 'utf8')
    expect(html).toMatch(/>Read me first<\/a>\s*<span class="muted">\s*shop\//)
    expect(html).not.toMatch(/>Services<\/a>\s*<span class="muted">/)
  }
})

test('a warning as GitHub writes it is shown as one', async () => {
  const { page, close } = await open(browser, `${site.origin}/runbooks/cats/`)
  expect(await page.getByRole('note').textContent()).toMatch(/^\s*Warning\s+Never twice\.\s*$/)
  await close()
})
