import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changesBelow } from '../../src/build/git-log.ts'
import { launch, open } from './support/browser.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
import { sampleRuns } from './support/runs.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

const content = resolve('test/fixtures/site/content/runbooks')
const checklist = '/runbooks/release-checklist/'
const stepIds = ['clean-tree', 'sign-off', 'tag', 'publish', 'smoke', 'soak', 'go']

/** One page of each type. */
const types = {
  home: '/',
  runbook: checklist,
  'plain Markdown': '/runbooks/diskfull/',
  runs: '/runs/',
  run: '/runs/20261120-081400-release-checklist-k3f9/',
  'runs of a person': '/runs/by/person/bob/',
  'checklist of a run': '/runs/20261120-081400-release-checklist-k3f9/checklist/',
  'failed run': '/runs/20261119-220000-release-checklist-x2aa/',
  'broken run': '/runs/20261101-000000-release-checklist-zzzz/',
  search: '/search/',
  'search results': '/search/?q=tag',
  alerts: '/alerts/',
  'runbooks of a moment': '/by/moment/alert/',
  figures: '/kpi/',
  'figures of a service': '/kpi/service/checkout/',
  docs: '/docs/writing/',
  kind: '/docs/kinds/command/',
  finding: '/docs/errors/duplicate-id/',
  frontmatter: '/docs/reference/frontmatter/',
  configuration: '/docs/reference/configuration/',
  changelog: '/docs/changelog/',
  'unknown alert': '/alerts/Unknown/',
  'no page': '/nowhere/',
}

let built: Built
let site: Served
let browser: Browser

beforeAll(async () => {
  built = await buildSite(content, (state) => sampleRuns(state, content))
  expect(built.code, built.text).toBe(0)
  site = await serve(built.out)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  built?.remove()
})

const at = (path: string): string => `${site.origin}${path}`

describe('without JavaScript', () => {
  test('every step is there with its command, and old addresses of steps lead to it', async () => {
    const { page, close } = await open(browser, at(`${checklist}#git-tag`), { javaScriptEnabled: false })
    for (const id of stepIds) expect(await page.locator(`[id="${id}"]`).count()).toBe(1)
    expect(await page.locator('.step:has(#tag) pre').first().textContent()).toContain(
      'git tag -a "v$version"',
    )
    expect(
      await page.locator('.step:has(#tag)').evaluate((step: Element) => step.matches(':has(:target)')),
    ).toBe(true)
    expect(await page.getByText('Copy', { exact: true }).count()).toBe(0)
    // The link opens what the step folds; another step stays folded.
    expect(await page.getByText('git tag -d').isVisible()).toBe(true)
    expect(await page.getByText('5 s').isVisible()).toBe(false)
    await close()
  })

  test('the search form leads to an index of everything', async () => {
    const { page, close } = await open(browser, at('/'), { javaScriptEnabled: false })
    await page.getByRole('searchbox').fill('tag')
    await page.getByRole('searchbox').press('Enter')
    await page.getByRole('link', { name: 'Tag the release' }).click()
    await page.waitForURL(at(`${checklist}#tag`))
    await close()
  })
})

describe('search', () => {
  test('has the focus on the home page, and is not loaded before somebody types', async () => {
    const { page, close } = await open(browser, at('/'))
    const seen: string[] = []
    page.on('request', (request) => seen.push(new URL(request.url()).pathname))
    await page.waitForFunction("document.activeElement.name === 'q'")
    expect(seen.filter((path) => path.startsWith('/pagefind/'))).toEqual([])
    await page.keyboard.type('annotated')
    await page.locator('.panel .sub').first().waitFor()
    await close()
  })

  test('goes from the key to the step without a mouse', async () => {
    const { page, close, complaints } = await open(browser, at('/'))
    await page.keyboard.press('/')
    await page.waitForFunction("document.activeElement.name === 'q'")
    await page.keyboard.insertText('annotated')
    await page.locator('.panel .sub').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(at(`${checklist}#tag`))
    await page.keyboard.press('Control+k')
    expect(
      await page.locator('.find input').evaluate((input: Element) => input === document.activeElement),
    ).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })

  test('keeps the focus on a result while the list is made anew', async () => {
    const { page, close } = await open(browser, at('/'))
    await page.waitForFunction("document.activeElement.name === 'q'")
    await page.keyboard.insertText('annotated')
    const result = page.locator('.panel .sub').first()
    await result.waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const before = await result.elementHandle()
    await page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('.find input')
      if (field) field.value = 'annotated tag'
      field?.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await page.waitForFunction((element) => !element?.isConnected, before)
    await page.keyboard.press('Enter')
    await page.waitForURL(at(`${checklist}#tag`))
    await close()
  })

  test('finds an alert however its name is written', async () => {
    const { page, close } = await open(browser, at('/search/'))
    const names = [
      'PostgresLockQueueLong',
      'postgreslockqueuelong',
      'postgres lock queue',
      'postgres-lock-queue-long',
      'postgres_lock_queue',
    ]
    for (const name of names) {
      await page.goto(at(`/search/?q=${encodeURIComponent(name)}`))
      await page.locator('.results .result').first().waitFor()
      expect(await page.locator('.result-title').first().textContent(), name).toBe('Database locks pile up')
    }
    await close()
  })

  test('keeps the words around what it found apart', async () => {
    const { page, close } = await open(browser, at('/search/'))
    for (const [query, around] of [
      ['annotated', /An annotated tag, so that/],
      ['address', /Environment\.? Address\.? lab/],
      ['undo', /= tag Undo git tag/],
    ] as const) {
      await page.goto(at(`/search/?q=${query}`))
      await page.locator('.results .sub', { hasText: around }).first().waitFor()
    }
    await close()
  })

  test('says so on its page when it is not there, and everything is listed', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const page = await context.newPage()
    await page.route('**/pagefind/**', (route) => route.abort())
    await page.goto(at('/search/?q=locks'))
    await page.locator('main [role=status]', { hasText: 'The search is not there.' }).waitFor()
    expect(await page.locator('.everything a', { hasText: 'Database locks' }).first().isVisible()).toBe(true)
    await context.close()
  })

  test('filters by kind of page, service, severity and owner', async () => {
    const { page, close } = await open(browser, at('/search/'))
    await page.getByLabel('Severity').selectOption('critical')
    await page.locator('.results .result').first().waitFor()
    expect(await page.locator('.results .result-title').allTextContents()).toEqual(['Database locks pile up'])
    expect(await page.evaluate('location.search')).toBe('?Severity=critical')
    for (const name of ['Page', 'Service', 'Owner'])
      expect(await page.getByLabel(name, { exact: true }).count()).toBe(1)
    await close()
  })
})

describe('runs', () => {
  test('are filtered by outcome, runbook and person', async () => {
    const { page, close } = await open(browser, at('/runs/?status=failed'))
    expect(await page.locator('.runs > li:visible').count()).toBe(1)
    await page.getByLabel('Outcome').selectOption('')
    expect(await page.locator('.runs > li:visible').count()).toBe(4)
    await page.getByLabel('Person').selectOption('alice')
    expect(await page.locator('.runs > li:visible').count()).toBe(3)
    await close()
  })

  test('show samples against their limit, outputs as text, and what changed since', async () => {
    const { page, close } = await open(browser, at(types.run), { javaScriptEnabled: false })
    expect(await page.locator('.chart .violation').count()).toBe(1)
    expect(await page.locator('.chart .no-data').count()).toBe(1)
    expect(await page.locator('#clean-tree .code').textContent()).toBe('ok clean <script>alert(1)</script>')
    expect(await page.locator('#clean-tree .green.bold, #clean-tree .bold.green').textContent()).toBe('clean')
    expect(await page.locator('#tag .code').textContent()).toBe('progress 100%\ntagged v1.4.0')
    await page.goto(at(types['failed run']))
    expect(await page.locator('.diff .left').allTextContents()).toContain(
      '- <Check id="clean-tree" title="The tree is clean" timeout="30s">\n',
    )
    await close()
  })
})

test('figures are by service for those that have some', async () => {
  const { page, close } = await open(browser, at(types.figures), { javaScriptEnabled: false })
  const filter = page.getByRole('navigation', { name: 'Figures by service' })
  expect(await filter.getByRole('link').allTextContents()).toEqual(['All services', 'checkout', 'storefront'])
  for (const [service, status] of [
    ['checkout', 200],
    ['ledger', 404],
  ] as const)
    expect((await page.goto(at(`/kpi/service/${service}/`)))?.status()).toBe(status)
  await close()
})

describe('deep links', () => {
  test('fill commands, terminal line and form; a space may be a plus', async () => {
    const { page, close } = await open(
      browser,
      at(`${checklist}?VERSION=1.4.0&ENV=staging&message=all+good#tag`),
    )
    // What is said of the link and what is filled in come together.
    await page.getByText('Filled in from the link: version, environment, message.').waitFor()
    const command = page.locator('.step:has(#tag) pre').first()
    expect(await command.locator('code').textContent()).toContain(
      'git tag -a "v1.4.0" -m "Release 1.4.0 to staging"',
    )
    expect(await page.locator('[data-terminal]').textContent()).toBe(
      "runbook exec release-checklist -i api_key=@api_key.txt \\\n  -i version=1.4.0 \\\n  -i environment=staging \\\n  -i 'message=all good'",
    )
    expect(await page.locator('.step:has(#smoke) code').first().textContent()).toContain('?version=1.4.0')
    expect(await page.locator('.step:has(#tag) .from code').textContent()).toMatch(
      /^runbook exec release-checklist --from tag -i api_key=@api_key\.txt -i version=1\.4\.0/,
    )
    await close()
  })

  test('to a step, or to words, open what they point to', async () => {
    const { page, close } = await open(browser, at(`${checklist}#tag`))
    const fold = (id: string) => page.locator(`.step:has(#${id}) .more`)
    await expect.poll(() => fold('tag').getAttribute('open')).toBe('')
    expect(await fold('publish').getAttribute('open')).toBe(null)
    await page.locator('.contents a[href="#publish"]').click()
    await expect.poll(() => fold('publish').getAttribute('open')).toBe('')
    await page.goto(at(checklist))
    expect(await fold('tag').getAttribute('open')).toBe(null)
    await page.goto(at(`${checklist}#:~:text=git%20tag%20%2Dd`))
    await expect.poll(() => fold('tag').getAttribute('open')).toBe('')
    await close()
  })

  test('a value a shell could read something into stands quoted above the command', async () => {
    const evil = `x"; rm -rf ~ #'$(id)`
    const { page, close } = await open(
      browser,
      at(`${checklist}?message=${encodeURIComponent(evil)}#publish`),
    )
    const shown = page.locator('.step:has(#publish) code').first()
    await shown.locator('.assign').waitFor()
    const code = await shown.textContent()
    expect(code).toMatch(/^message='x"; rm -rf ~ #'\\''\$\(id\)'\n/)
    expect(code).toContain('"message=$message" --data \'literal=$version\'')
    await close()
  })

  test.each([
    ['HTML', '<img src=x onerror=alert(1)><script>alert(2)</script>'],
    ['shell', '"; rm -rf ~ #\'$(id)`id`'],
    ['a path upwards', '../../etc/passwd'],
    ['a file to read', '@/etc/passwd'],
    ['8 kB', 'x'.repeat(8192)],
    ['letters that look alike', 'stаging'],
    ['control characters', 'a\u001B[31mb\u0007\u202Egnp\u200B'],
  ])('%s in a value, a choice, a name and the step is only ever text', async (_, evil) => {
    const query = new URLSearchParams({ message: evil, environment: evil, [evil.slice(0, 200)]: evil })
    const { page, close, complaints } = await open(
      browser,
      at(`${checklist}?${query}#${encodeURIComponent(evil)}`),
    )
    await page.locator('.from-link').waitFor()
    expect(await page.locator('.prose :is(img[src=x], script)').count()).toBe(0)
    // The choice is none of the four, and no command shows it.
    expect(await page.locator('[name=environment]').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('.step:has(#tag) code').first().textContent()).toContain('${environment}')
    const shown = await page.locator('.from-link').textContent()
    expect(shown).toContain('It is not one of the choices.'.slice(0, evil.includes('\u0007') ? 0 : undefined))
    expect(shown).not.toMatch(/[\u0000-\u0008\u001B\u202E]/)
    const code = (await page.locator('.step:has(#publish) code').first().textContent()) ?? ''
    const line = (await page.locator('[data-terminal]').textContent()) ?? ''
    for (const text of [code, line]) expect(execFileSync('sh', ['-n'], { input: text }).length).toBe(0)
    expect(line).not.toContain('=@/')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(complaints).toEqual([])
    await close()
  })

  test('what no input takes is shown for reading, and a value of another type fills nothing', async () => {
    const { page, close } = await open(browser, at(`${checklist}?version=latest&alertname=Burn&pod=a+b`))
    const said = page.locator('.from-link')
    await said.waitFor()
    expect(await said.textContent()).toMatch(/version.*latest.*Not filled in: .*alertname.*Burn.*pod.*a b/)
    expect(await page.locator('.step:has(#tag) code').first().textContent()).toContain('v$version')
    expect(await page.locator('[data-terminal]').textContent()).toContain('-i version=…')
    await close()
  })

  test('values that could not be read leave names in the commands, and the page says so', async () => {
    const context = await browser.newContext({ serviceWorkers: 'block' })
    const page = await context.newPage()
    await page.route('**/inputs.js', (route) => route.abort())
    await page.goto(at(`${checklist}?environment=staging`))
    await page.getByText('could not be read').waitFor()
    expect(await page.locator('.step:has(#tag) code').first().textContent()).toContain('${environment}')
    await context.close()
  })

  test('a query after the fragment is moved before it', async () => {
    const { page, close } = await open(browser, at(`${checklist}#tag?version=2.0.0`))
    await page.waitForURL(at(`${checklist}?version=2.0.0#tag`))
    expect(
      await page.locator('.step:has(#tag)').evaluate((step: Element) => step.matches(':has(:target)')),
    ).toBe(true)
    await page.locator('.step:has(#tag) code').first().getByText('2.0.0').first().waitFor()
    await close()
  })

  test('a secret never stays in the address, and none can be typed', async () => {
    const { page, close } = await open(browser, at(`${checklist}?api_key=hunter2&version=1.0.0`))
    await page.waitForURL(at(`${checklist}?version=1.0.0`))
    expect(await page.getByRole('alert').textContent()).toContain('api_key')
    expect(await page.content()).not.toContain('hunter2')
    expect(await page.locator('[name=api_key]').count()).toBe(0)
    await close()
  })

  test('each type of input has a field of its own, and a link fills it', async () => {
    const query = 'pid=7&verbose=TRUE&tables=carts,users&wait=soon&CLUSTER=db+1'
    const { page, close } = await open(browser, at(`/runbooks/incidents/database-locks/?${query}`))
    await page.locator('.from-link').waitFor()
    const line = page.locator('[data-terminal]')
    // `TRUE` is no boolean, and `soon` no duration.
    expect(await line.textContent()).toBe(
      "runbook exec incidents/database-locks \\\n  -i 'service=db 1' \\\n  -i pid=7 \\\n  -i verbose=… \\\n  -i tables=carts,users \\\n  -i wait=…",
    )
    await page.getByLabel('verbose').selectOption('true')
    await page.getByLabel('wait', { exact: true }).fill('90s')
    expect(await line.textContent()).toContain('-i verbose=true')
    expect(await line.textContent()).toContain('-i wait=90s')
    expect(await page.locator('[aria-invalid]').count()).toBe(0)
    await close()
  })

  test('what is typed goes into the address', async () => {
    const { page, close } = await open(browser, at(`${checklist}?keep=me`), {
      viewport: { width: 1280, height: 800 },
    })
    await page.getByLabel('version').fill('3.1.4')
    await page.waitForURL(/\?keep=me&version=3\.1\.4$/)
    await close()
  })
})

describe('addresses that moved', () => {
  test.each([
    ['/runbooks/release/?version=1.4.0#tag', `${checklist}?version=1.4.0#tag`],
    ['/runbooks/old/release-process/', checklist],
    ['/alerts/ReleaseErrorBudgetBurn/?env=lab', `${checklist}?env=lab#smoke`],
    ['/alerts/releaseerrorbudgetburn/', `${checklist}#smoke`],
    ['/RUNBOOKS/Release-Checklist/?version=1.4.0#tag', `${checklist}?version=1.4.0#tag`],
  ])('%s keeps query and fragment', async (from, to) => {
    const { page, close } = await open(browser, at(from))
    await page.waitForURL(at(to))
    await close()
  })
})

describe('an alert that is unknown', () => {
  test('its address searches for it, and keeps what the link said', async () => {
    const { page, close, complaints } = await open(browser, at('/alerts/PostgresLockQueueShort/?db=a'))
    await page.getByText('No runbook names the alert PostgresLockQueueShort').waitFor()
    await page.locator('.results .result').first().waitFor()
    expect(await page.locator('.result-title').first().textContent()).toBe('Database locks pile up')
    expect(page.url()).toBe(at('/alerts/PostgresLockQueueShort/?db=a'))
    expect(complaints).toEqual([])
    await close()
  })

  test('without JavaScript it lists all alerts', async () => {
    const { page, close } = await open(browser, at('/alerts/Nothing/'), { javaScriptEnabled: false })
    await page.getByRole('link', { name: 'PostgresLockQueueLong' }).click()
    await page.waitForURL(/\/runbooks\/incidents\/database-locks\//)
    await close()
  })
})

describe('a runbook page', () => {
  test('lists its alerts with severity, and expression and hold of a configured rule', async () => {
    const { page, close } = await open(browser, at('/runbooks/incidents/database-locks/'))
    const rows = page.locator('.alerts-here li')
    expect(await rows.allTextContents()).toEqual([
      expect.stringMatching(/^\s*DatabaseLocks\s*P1\s*after 1m\s*database_writable == 0\s*$/),
      expect.stringMatching(/PostgresLockQueueLong/),
    ])
    await close()
  })

  test.skipIf(changesBelow(content, process.cwd()).size === 0)('says what changed', async () => {
    const { page, close } = await open(browser, at(checklist))
    expect(await page.locator('.changes li').count()).toBeGreaterThan(0)
    expect(await page.locator('.changes time').first().textContent()).toMatch(/^20\d\d-\d\d-\d\d$/)
    await close()
  })
})

describe('by hand', () => {
  test('copies what is shown', async () => {
    const { page, close } = await open(browser, at(`${checklist}?version=1.4.0`), {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.locator('.step:has(#tag) .filled').first().waitFor()
    await page.getByText('Done, undo, dry').click()
    await page.locator('.step:has(#tag) .copy').nth(1).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'test "$(git cat-file -t "v1.4.0")" = tag',
    )
    await close()
  })

  test('ticks and notes stay, count, can be saved and forgotten', async () => {
    const { page, close } = await open(browser, at(checklist), {})
    expect(await page.getByText('Done by hand').count()).toBe(0)
    await page.getByText('Follow by hand').click()
    await page.getByLabel('Done by hand: Tag the release').check()
    await page.locator('.step:has(#sign-off) .task-list-item input').first().check()
    await page.locator('.step:has(#tag) summary', { hasText: 'Note' }).click()
    await page.getByLabel('Note on: Tag the release').fill('signed by hand')
    await page.getByLabel('Note on: Tag the release').blur()
    await page.reload()
    await page.getByLabel('Done by hand: Tag the release').waitFor()
    expect(await page.getByLabel('Done by hand: Tag the release').isChecked()).toBe(true)
    expect(await page.locator('.step:has(#sign-off) .task-list-item input').first().isChecked()).toBe(true)
    expect(await page.getByLabel('Note on: Tag the release').inputValue()).toBe('signed by hand')
    expect(await page.locator('.tools [data-progress]').textContent()).toBe('1 of 7 done')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('Save as text').click(),
    ])
    expect(readFileSync(await download.path(), 'utf8')).toMatch(
      /\[x\] Tag the release \(tag\) 20\S+\n {4}signed by hand/,
    )
    page.on('dialog', (dialog) => void dialog.accept())
    await page.getByText('Reset').click()
    expect(await page.locator('.tools [data-progress]').textContent()).toBe('0 of 7 done')
    await page.reload()
    expect(await page.getByText('Follow by hand').isVisible()).toBe(true)
    await close()
  })
})

describe('every page type', () => {
  test.each(Object.entries(types))(
    '%s: nothing blocked, accessible in both themes, no sideways scrolling',
    async (_, path) => {
      const { page, close, complaints } = await open(browser, at(path))
      if (path.includes('?q=')) await page.locator('.results .result').first().waitFor()
      await page.evaluate(axe.source)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violations(page), colorScheme).toEqual([])
      }
      await page.setViewportSize({ width: 320, height: 640 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
      expect(complaints).toEqual([])
      await close()
    },
  )

  test('no option in code is broken on a phone', async () => {
    const { page, close } = await open(browser, at('/docs/writing/'), {
      viewport: { width: 360, height: 740 },
    })
    const pieces = await page
      .locator('td code')
      .evaluateAll((codes: Element[]) => codes.map((one) => [one.textContent, one.getClientRects().length]))
    expect(pieces).toEqual(['-h', '--help', '-q', '--quiet', '--no-input'].map((option) => [option, 1]))
    await close()
  })

  test.each([`${checklist}?version=1.4.0&message=all+good`, '/docs/writing/'])(
    '%s: on a phone no option of a command is broken after a hyphen, also in blocks of code',
    async (path) => {
      const { page, close } = await open(browser, at(path), { viewport: { width: 360, height: 740 } })
      if (path.includes('?')) await page.getByText('Filled in from the link').waitFor()
      expect(await page.evaluate<[number, string[]]>(brokenOptions)).toEqual([expect.any(Number), []])
      expect((await page.evaluate<[number, string[]]>(brokenOptions))[0]).toBeGreaterThan(3)
      await close()
    },
  )

  test('on a phone no row of runs ends with a dot, and a finger finds each link of a list', async () => {
    const viewport = { width: 360, height: 740 }
    const { page, close } = await open(browser, at('/runs/'), { viewport })
    const apart = await page.evaluate<number>(apartDots)
    expect(apart).toBe(0)
    await page.setViewportSize({ width: 1024, height: 740 })
    expect(await page.locator('.runs i').first().isVisible()).toBe(true)
    await page.setViewportSize(viewport)
    for (const path of ['/', '/runs/', '/alerts/']) {
      await page.goto(at(path))
      const heights = await page
        .locator(':is(.groups, .cards, .runs, .alert-list) a:visible')
        .evaluateAll((links: Element[]) => links.map((link) => link.getBoundingClientRect().height))
      expect(Math.min(...heights), path).toBeGreaterThanOrEqual(43)
    }
    await close()
  })

  test('a name without a place to break makes no page wider than a phone, and no moment is broken', async () => {
    const { page, close } = await open(browser, at('/'), { viewport: { width: 360, height: 640 } })
    for (const path of Object.values(types)) {
      await page.goto(at(path))
      const broken = await page
        .locator('time')
        .evaluateAll((moments: Element[]) => moments.filter((one) => one.getClientRects().length > 1).length)
      expect(broken, path).toBe(0)
      await page
        .locator(
          'h1 a, :is(.cards, .runs, .choice, .everything, .used) a, :is(.run-step, .facts-line, .filed) b',
        )
        .evaluateAll((names: Element[]) => {
          for (const name of names) name.textContent = 'NameOfManyWords'.repeat(5)
        })
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(360)
    }
    await close()
  })

  test('the name of a column of alerts is not broken beside a long name', async () => {
    const { page, close } = await open(browser, at('/alerts/'), { viewport: { width: 768, height: 740 } })
    await page
      .locator('.alert-list td a')
      .first()
      .evaluate((name: Element) => (name.textContent = 'AlertOfManyWords'.repeat(4)))
    const lines = await page
      .locator('.alert-list th')
      .evaluateAll((names: Element[]) => names.map((name) => name.getBoundingClientRect().height))
    expect(Math.max(...lines)).toBeLessThan(45)
    await close()
  })

  test('all of them fit 320 px without JavaScript', async () => {
    const viewport = { width: 320, height: 640 }
    const { page, close } = await open(browser, at('/'), { javaScriptEnabled: false, viewport })
    for (const path of Object.values(types)) {
      await page.goto(at(path))
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(320)
    }
    await close()
  })

  test('HTML in a Markdown document is shown, and acts in no way', async () => {
    const { page, close, complaints } = await open(browser, at(types['plain Markdown']))
    expect(await page.title()).toBe('Disk full · Runbook')
    expect(await page.getByText('An old habit.').innerHTML()).toBe('An <b>old</b> habit.')
    expect(await page.locator('[style], [onclick]').count()).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  test('the policy comes as a header too', async () => {
    const policy = (await fetch(at('/'))).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe-inline')
  })
})

/** How many options stand in code that is shown, and those of which the letters are not in one line. As text, like axe. */
const brokenOptions = `(() => {
  for (const fold of document.querySelectorAll('details')) fold.open = true
  const found = []
  for (const code of document.querySelectorAll('code')) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const { index, 0: option } of node.data.matchAll(/(?<![^\\s([|=,"'])--?[A-Za-z][\\w-]*/g)) {
        const range = document.createRange()
        range.setStart(node, index)
        range.setEnd(node, index + option.length)
        found.push([option, new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size])
      }
  }
  return [found.filter(([, lines]) => lines > 0).length, found.filter(([, lines]) => lines > 1).map(([option]) => option)]
})()`

/** How many dots of a list of runs end a line: what follows them is in the next. */
const apartDots = `[...document.querySelectorAll('.runs .muted')].filter((row) => {
  const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT)
  const dots = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const { top, width } of range.getClientRects()) if (width > 0) dots.push([node.data.trim().endsWith('·'), Math.round(top)])
  }
  return dots.some(([isDot, top], at) => isDot && dots[at + 1] !== undefined && Math.abs(dots[at + 1][1] - top) > 8)
}).length`

async function violations(page: Page): Promise<string[]> {
  // As text: a function would be rewritten by the test runner and not find its names in the page.
  const results = await page.evaluate<AxeResults>('axe.run()')
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describe('on paper', () => {
  test.each([checklist, types.run])('%s: every command whole, no navigation', async (path) => {
    const { page, close } = await open(browser, at(path))
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.setViewportSize({ width: 680, height: 900 })
    await page.emulateMedia({ media: 'print' })
    const cut = await page
      .locator('pre')
      .evaluateAll((blocks: Element[]) =>
        blocks
          .filter((block: Element) => block.scrollWidth > block.clientWidth + 1 || block.clientHeight === 0)
          .map((block: Element) => block.textContent),
      )
    expect(cut).toEqual([])
    for (const hidden of ['.top', '.contents', '.copy'])
      expect(await page.locator(hidden).first().isVisible()).toBe(false)
    await close()
  })
})

describe('offline', () => {
  test.each([
    ['runbook', checklist, /<form(?=[^>]*data-inputs)/],
    ['run', types.run, /<\/article>/],
  ])('a form on the page of a %s says that it was not sent, and is sent later', async (_, path, place) => {
    const { page, close } = await open(browser, at('/'), {})
    // As a server that acts gives the page: an input may have any name.
    const form = '<form id="act" data-inputs="{}" method="post" action="/act">'
    const whole = String(bytesOf(path)).replace(
      place,
      (begin) => `${form}<input name="method" /><button>Order it</button></form>${begin}`,
    )
    await page.route(at(path), (route) => route.fulfill({ body: whole, contentType: 'text/html' }))
    await page.route('**/act', (route) => route.fulfill({ body: 'taken' }))
    await page.goto(at(path))
    await page.waitForLoadState('networkidle')
    const order = page.getByRole('button', { name: 'Order it' })
    await page.context().setOffline(true)
    await order.click()
    expect(await page.locator('#act [role=status]').textContent()).toMatch(
      /^This device is offline\. Nothing was sent/,
    )
    await page.context().setOffline(false)
    await order.click()
    await page.getByText('taken', { exact: true }).waitFor()
    await close()
  })

  test('pages and search answer once visited, and say how old they are', async () => {
    const gone = await serve(built.out)
    const { page, close } = await open(browser, `${gone.origin}/`, { serviceWorkers: 'allow' })
    await page.evaluate(() =>
      navigator.serviceWorker
        .register('/sw.js')
        .then(() => navigator.serviceWorker.ready)
        .then(({ active }) => active?.postMessage('keep', [])),
    )
    await page.evaluate(async () => {
      while ((await caches.match('/sitemap.xml')) === undefined)
        await new Promise((done) => setTimeout(done, 50))
    })
    await gone.close()
    await page.goto(`${gone.origin}${checklist}?version=1.4.0#tag`)
    await page.locator('.step:has(#tag) code').first().getByText('1.4.0').first().waitFor()
    expect(await page.locator('.offline').textContent()).toMatch(/offline.*20\d\d-/)
    expect(await page.locator('.offline').isVisible()).toBe(true)
    await page.keyboard.press('/')
    await page.keyboard.type('annotated')
    await page.locator('.panel .sub').first().waitFor()
    const data = await page.goto(`${gone.origin}/runbooks.json`)
    expect(data?.headers()['content-type']).toBe('application/json')
    await close()
  })
})

describe('for programs and hosts', () => {
  const text = (file: string): string => readFileSync(join(built.out, file), 'utf8')

  test('runbooks.json names steps, inputs, anchors and alerts, with the version of its form', () => {
    const { format, runbooks } = JSON.parse(text('runbooks.json')) as {
      format: number
      runbooks: {
        slug: string
        anchors: string[]
        steps: { id: string }[]
        inputs: object
        alerts: object[]
      }[]
    }
    expect(format).toBe(1)
    const release = runbooks.find(({ slug }) => slug === 'release-checklist')
    expect(release?.steps.map(({ id }) => id)).toEqual(stepIds)
    expect(release?.anchors).toEqual(expect.arrayContaining(stepIds))
    expect(Object.keys(release?.inputs ?? {})).toContain('version')
    expect(release?.alerts).toHaveLength(2)
  })

  test('earlier addresses are redirects for a host, and every page is in the site map', () => {
    expect(text('_redirects')).toContain('/runbooks/release/ /runbooks/release-checklist/ 301\n')
    expect(text('sitemap.xml')).toContain('/runbooks/incidents/database-locks/</loc>')
    expect(text('_headers')).toMatch(/^\/\*\n {2}Content-Security-Policy: default-src 'none'/)
  })

  test('a promise of drills that lapsed is on the page, beside the evidence of its runs, and in the feed', async () => {
    const { page, close } = await open(browser, at(checklist))
    const evidence = page.locator('.evidence')
    const words = await evidence.innerText()
    expect(words).toMatch(/drill overdue.*promised every 1d/)
    for (const each of ['Last drill', 'Ended well', 'runbook drill release-checklist'])
      expect(words).toContain(each)
    expect(await evidence.locator('dt', { hasText: 'May approve' }).count()).toBeGreaterThan(0)
    expect(text('feed.xml')).toMatch(
      /<title>Release checklist: drill overdue: [^<]*promised every 1d<\/title>/,
    )
    await close()
  })

  test('the feed says what happened, as text that is escaped', () => {
    const feed = text('feed.xml')
    expect(feed).toMatch(
      /<item><title>Release checklist: .*<pubDate>.*<description>.+<\/description><\/item>/,
    )
    expect(feed).not.toMatch(/<(script|b)>/)
    expect(feed).toContain('<guid isPermaLink="false">release-checklist@2026-11-01</guid>')
  })

  test('a link in a chat says what it is', () => {
    const head = text('runbooks/release-checklist/index.html')
    expect(head).toContain('<meta property="og:title" content="Release checklist">')
    expect(head).toMatch(/<meta property="og:description" content="Take a version/)
  })
})

describe('budgets', () => {
  test.each([checklist, '/runbooks/incidents/database-locks/', '/runbooks/diskfull/'])(
    '%s: one request, 12 KB gzipped and 3 KB of script before anybody searches',
    async (path) => {
      const context = await browser.newContext({ serviceWorkers: 'block' })
      const page = await context.newPage()
      const seen: string[] = []
      page.on('request', (request) => seen.push(new URL(request.url()).pathname))
      await page.goto(at(path))
      await page.waitForLoadState('networkidle')
      const files = seen.filter((name) => name.startsWith('/'))
      expect(files.length).toBe(1)
      const zipped = files.map((name) => gzipSync(bytesOf(name)).length)
      expect(zipped.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(12 * 1024)
      const scripts = [...String(bytesOf(path)).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
      expect(scripts.map(([, code]) => code).join('').length).toBeLessThanOrEqual(3000)
      await context.close()
    },
  )
})

function bytesOf(path: string): Buffer {
  return readFileSync(join(built.out, path.endsWith('/') ? `${path}index.html` : path))
}
