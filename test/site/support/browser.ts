import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { patienceMs } from '../../support/patience.ts'

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** A real Chromium of this machine, with a profile of its own. `more` are options of its command line. */
export async function launch(more: readonly string[] = []): Promise<Browser> {
  const executablePath = places.find((place) => place !== undefined && existsSync(place))
  if (executablePath === undefined)
    throw new Error('These tests need Chromium: install it, or name it in CHROMIUM.')
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more],
  })
  browser.on('context', (context) => context.setDefaultTimeout(patienceMs))
  return browser
}

export interface Opened {
  page: Page
  /** What the page complained about: errors of scripts, and everything the policy blocked. */
  complaints: string[]
  /** Paths that were asked for and are not there. */
  missing: string[]
  /** Closes the page, and the context that was made for it. */
  close(): Promise<void>
}

/** The context of pages that are opened without options. To start one takes longer than most pages. */
const contexts = new WeakMap<Browser, Promise<BrowserContext>>()

/** Opens an address: with options in a context of its own, without beside the others that leave nothing behind. */
export async function open(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Opened> {
  if (options) return openIn(await browser.newContext({ serviceWorkers: 'block', ...options }), url)
  const context = contexts.get(browser) ?? browser.newContext({ serviceWorkers: 'block' })
  contexts.set(browser, context)
  const opened = await openIn(await context, url)
  return { ...opened, close: () => opened.page.close() }
}

/** Opens an address in a browser that has cookies already. */
export async function openIn(context: BrowserContext, url: string): Promise<Opened> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/404/.test(message.text())) complaints.push(message.text())
  })
  const missing: string[] = []
  page.on('response', (response) => {
    if (response.status() === 404) missing.push(new URL(response.url()).pathname)
  })
  await page.goto(url)
  return { page, complaints, missing, close: () => context.close() }
}
