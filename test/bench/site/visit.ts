import type { Browser, Page } from 'playwright-core'
import { launch } from '../../site/support/browser.ts'
import { serve } from '../../site/support/server.ts'

/** How a reader searches on a site. */
export interface Search {
  /** The keys that open the field, as Playwright names them. */
  open: string
  /** The field, where it takes time to appear. Default: what is typed goes where the key leads. */
  field?: string
  query: string
  /** A link of a result. */
  result: string
}

/** What a reader waits for, in milliseconds. */
export interface Visit {
  /** From the request to the first paint with content. */
  paintMs: number
  /** From the key that opens the search to its first result; NaN where nothing was searched. */
  resultMs: number
}

/** What is called slow 4G, with a processor four times as slow as this one. */
const network = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 }
const slowdown = 4
const visits = 5
/**
 * Two seconds after a page is there, its service worker loads ahead what the search needs. The slow network does not hold for that
 * worker, so the time in which it would load this much is waited for.
 */
const idleMs = 4500

/** Opens a page of a built site on a slow network, each time as a new reader, and searches. Medians. */
export async function visitOf(folder: string, path: string, search?: Search): Promise<Visit> {
  const site = await serve(folder)
  const browser: Browser = await launch()
  try {
    const seen: Visit[] = []
    for (let visit = 0; visit < visits; visit++)
      seen.push(await visitOnce(browser, site.origin + path, search))
    return {
      paintMs: median(seen.map(({ paintMs }) => paintMs)),
      resultMs: median(seen.map(({ resultMs }) => resultMs)),
    }
  } finally {
    await browser.close()
    await site.close()
  }
}

async function visitOnce(browser: Browser, url: string, search: Search | undefined): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    await devtools.send('Network.emulateNetworkConditions', network)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await page.goto(url, { waitUntil: 'networkidle' })
    const paintMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    )
    if (search === undefined) return { paintMs, resultMs: Number.NaN }
    await page.waitForTimeout(idleMs)
    return { paintMs, resultMs: await firstResult(page, search) }
  } finally {
    await context.close()
  }
}

async function firstResult(page: Page, { open, field, query, result }: Search): Promise<number> {
  const began = performance.now()
  await page.keyboard.press(open)
  if (field !== undefined) await page.locator(field).first().waitFor()
  await page.keyboard.type(query)
  await page.locator(result).first().waitFor()
  return performance.now() - began
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}
