import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { findInPackage } from '../../../runner/kit/optional-package.ts'
import { failure, success } from '../../../runner/model/problem.ts'
import type { Outcome } from '../../../runner/model/problem.ts'
import { messageOf } from '../../lib/errors.ts'
import { findProgram, foldersOfPath, isExecutable } from '../../lib/find-program.ts'
import { type Expected, type Look, titleLook } from './html-check.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const LIMIT_MS = 20_000
const SHOWN_MS = 5000

/** The path of a Chromium or Chrome, from CHROME_PATH or PATH. */
function findBrowser(): string | undefined {
  const { CHROME_PATH = '' } = process.env
  return isExecutable(CHROME_PATH) ? CHROME_PATH : findProgram(NAMES, foldersOfPath())
}

/** A browser, and the package that drives it. */
export interface Driven {
  program: string
  /** The path of playwright-core. */
  driver: string
}

/** The browser of this machine, where the package that drives it is installed too; else why no browser looks. */
export function findDriven(workspace: string): Outcome<Driven> {
  const program = findBrowser()
  if (program === undefined) return failure('no Chromium or Chrome was found')
  const driver = findInPackage('playwright-core', workspace)
  if (driver !== undefined) return success({ program, driver })
  return failure('playwright-core, which drives the browser, is not installed: npm install playwright-core')
}

/** Opens the page in a browser without a window: it has its title, shows content, and neither its scripts nor its requests fail. */
export async function browserCheck(
  { program, driver }: Driven,
  url: string,
  expected: Expected,
): Promise<Look[]> {
  try {
    const loaded = (await import(pathToFileURL(driver).href)) as { default: typeof import('playwright-core') }
    const { chromium } = loaded.default
    const browser = await chromium.launch({
      executablePath: program,
      args: ['--no-sandbox'],
      timeout: LIMIT_MS,
    })
    try {
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('requestfailed', (request) => problems.push(`${request.url()} failed`))
      page.on('response', (response) => {
        // Browsers ask for an icon that no page named.
        if (response.status() >= 400 && !response.url().endsWith('/favicon.ico'))
          problems.push(`${response.status()} ${response.url()}`)
      })
      await page.goto(`${url}/`, { waitUntil: 'load', timeout: LIMIT_MS })
      const shown = await Promise.all(expected.elements.map((id) => shownLook(page, id)))
      return [
        titleLook((await page.title()).trim(), expected),
        ...shown,
        { name: 'scripts', ok: problems.length === 0, detail: problems.join('; ') || 'no errors' },
      ]
    } finally {
      await browser.close()
    }
  } catch (error) {
    return [{ name: 'browser', ok: false, detail: messageOf(error).split('\n')[0] ?? '' }]
  }
}

async function shownLook(page: Page, id: string): Promise<Look> {
  const text = await shownIn(page, id)
  const detail = text === '' ? `"${id}" shows no text` : `"${id}" shows ${text.length} characters`
  return { name: 'shown', ok: text !== '', detail }
}

/** The text that the element shows; scripts have five seconds to make some. Empty when they make none. */
async function shownIn(page: Page, id: string): Promise<string> {
  const element = page.locator(`[id="${id}"]`)
  await element
    .filter({ hasText: /\S/ })
    .waitFor({ timeout: SHOWN_MS })
    .catch(() => undefined)
  return (await element.innerText({ timeout: 1000 }).catch(() => '')).trim()
}
