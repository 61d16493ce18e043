import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContext } from 'playwright-core'
import { makePackage } from '../../scripts/package.ts'
import { launch } from '../site/support/browser.ts'
import { buildSite } from '../site/support/build.ts'
import { serve } from '../site/support/server.ts'
import { start } from '../support/live.ts'
import { startActing, untilAsked } from '../support/servers/acting.ts'
import { testedFolder, workspace } from '../support/workspace.ts'

const help = `Usage: npm run pictures

Makes the pictures of pages in content/docs/images anew: it builds the site, runs a runbook, and takes them in Chromium.
`
const images = resolve('content/docs/images')
const size = { width: 1280, height: 820 }

/** A run that waits for an answer in the middle of its work. */
const restart = `---
title: Restart the storefront
inputs:
  region: { type: choice, options: [eu, us], default: eu }
  reason: { default: error rate 4 % }
---

## Phase 1 · Look

<Check id="degraded" title="It is really degraded">

\`\`\`bash
echo "storefront@$region: 3 of 10 answers are errors"
\`\`\`

</Check>

<Checklist id="known" title="People know">

- [ ] The person on call has seen the alert

</Checklist>

## Phase 2 · Mend

<Command id="restart" title="Restart it">

\`\`\`bash
systemctl restart "storefront@$region"
\`\`\`

\`\`\`bash undo
systemctl start "storefront-before@$region"
\`\`\`

</Command>

<Approval id="all-clear" title="The pager is quiet" approvers="bob@example.com" />
`

/** A step of the release checklist, opened by the link to it. */
async function pictureOfPage(browser: Browser, site: string): Promise<void> {
  const served = await serve(site)
  const context = await browser.newContext({ viewport: size, serviceWorkers: 'block' })
  const page = await context.newPage()
  await page.goto(`${served.origin}/runbooks/release-checklist/?version=1.4.0#canary-10`)
  await page.locator('.step:has(#canary-10) .more[open]').waitFor()
  await page.locator('[data-flags]', { hasText: '1.4.0' }).first().waitFor({ state: 'attached' })
  await page.evaluate(() => scrollBy(0, -60))
  await page.screenshot({ path: join(images, 'page.png') })
  await context.close()
  await served.close()
}

/** A run that asks whether it may go on, as the person with the watch sees it. */
async function pictureOfAnswering(browser: Browser, site: string): Promise<void> {
  using space = workspace({ 'content/runbooks/restart-storefront.mdx': restart })
  cpSync(site, join(space.root, 'site'), { recursive: true })
  const server = await startActing(space)
  const live = start(space.root, ['exec', 'restart-storefront', '--remote', '--json'])
  const { run } = JSON.parse(await live.line('run-started')) as { run: string }
  await untilAsked(space, run, 'known')
  await server.post(await server.form(`runs/${run}/`, '/answer'), {
    answer: 'done',
    note: 'asked in #on-call',
  })
  await untilAsked(space, run, 'restart#1/go')
  const context: BrowserContext = await browser.newContext({ viewport: size, serviceWorkers: 'block' })
  const [name = '', value = ''] = server.cookie.split('=')
  await context.addCookies([{ name, value, domain: 'localhost', path: server.folder }])
  const page = await context.newPage()
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  await page.getByText('Run restart?').first().waitFor()
  await page.screenshot({ path: join(images, 'answering.png') })
  await context.close()
  live.child.kill('SIGINT')
  await live.ended
  await server.stop()
}

if (parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values.help) process.stdout.write(help)
else {
  await makePackage(testedFolder)
  const built = await buildSite('content/runbooks')
  if (built.code !== 0) throw new Error(built.text)
  const browser = await launch()
  try {
    await pictureOfPage(browser, built.out)
    await pictureOfAnswering(browser, built.out)
  } finally {
    await browser.close()
    built.remove()
  }
}
