import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../site/support/browser.ts'
import { serve } from '../../site/support/server.ts'

export interface Weight {
  requests: number
  /** All requests together, gzipped. */
  kilobytes: number
}

/** What a browser asks for when it opens one page of a built site, and then, for ours, when somebody searches. */
export async function weightOf(
  folder: string,
  path: string,
  query: string,
): Promise<Weight & { query: Weight }>
export async function weightOf(folder: string, path: string): Promise<Weight>
export async function weightOf(
  folder: string,
  path: string,
  query?: string,
): Promise<Weight & { query?: Weight }> {
  const site = await serve(folder)
  const browser: Browser = await launch()
  try {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const page = await context.newPage()
    const seen: string[] = []
    // The search runs in a worker, whose requests belong to the context.
    context.on('request', (request) => seen.push(new URL(request.url()).pathname))
    await page.goto(site.origin + path)
    await page.waitForLoadState('networkidle')
    const opened = weigh(folder, seen)
    if (query === undefined) return opened
    seen.length = 0
    await page.keyboard.press('/')
    await page.keyboard.type(query)
    await page.locator('.panel a').first().waitFor()
    await page.waitForLoadState('networkidle')
    return { ...opened, query: weigh(folder, seen) }
  } finally {
    await browser.close()
    await site.close()
  }
}

function weigh(folder: string, paths: readonly string[]): Weight {
  const files = [...new Set(paths)].filter((path) => path.startsWith('/'))
  const bytes = files.map((path) => {
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    const data = readFileSync(file)
    // Pagefind's own files are compressed already.
    return /\.(pf_\w+|pagefind|woff2)$/.test(file) ? data.length : gzipSync(data).length
  })
  return { requests: files.length, kilobytes: bytes.reduce((sum, size) => sum + size, 0) / 1000 }
}
