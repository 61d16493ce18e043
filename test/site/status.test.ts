import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { incidentSchema } from '../../runner/status/incident-file.ts'
import type { ComponentStatus, Impact } from '../../runner/status/incident-file.ts'
import { humanSections } from '../../runner/postmortem/draft.ts'
import { owedPostmortems } from '../../runner/postmortem/owed-postmortems.ts'
import { parseSeverities } from '../../runner/status/severities.ts'
import { readIncidents } from '../../runner/status/read-incidents.ts'
import { createIncident, openStore, withUpdate } from '../../scripts/programs/status/incident-store.ts'
import { feedItems } from '../../src/data/status-data.ts'
import { launch, open } from './support/browser.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

const HOUR_MS = 3_600_000
const now = Date.now()
const ago = (hours: number): string => new Date(now - hours * HOUR_MS).toISOString()
let folder: string
let built: Built
let site: Served
let browser: Browser
let past: string
let current: string

type Told = [hours: number, status: string, body: string, component: ComponentStatus]

/** An incident of one component, its updates so many hours ago. */
async function incident(component: string, title: string, impact: Impact, told: Told[], drill = false) {
  const updates = told.map(([hours, status, body, is], index) => ({
    id: `u${index + 1}`,
    at: ago(hours),
    status,
    body,
    by: 'ann',
    components: { [component]: is },
  }))
  const ended = told.find(([, status]) => ['resolved', 'completed'].includes(status))
  const startedAt = ago(told[0]?.[0] ?? 0)
  const resolved = ended && { resolvedAt: ago(ended[0]) }
  const changes = [{ at: startedAt, by: 'ann', what: 'role', role: 'commander', to: 'secret-person' }]
  const severity = impact === 'critical' ? 'P1' : 'P2'
  const given = { id: 'x', title, impact, severity, startedAt, ...resolved, drill, changes, updates }
  const made = await createIncident(openStore(join(folder, 'status')), incidentSchema.parse(given))
  return made.incident.id
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-status-'))
  mkdirSync(join(folder, 'status/incidents'), { recursive: true })
  copyFileSync('content/status/components.yml', join(folder, 'status/components.yml'))
  copyFileSync('content/severities.yaml', join(folder, 'severities.yaml'))
  cpSync('test/fixtures/site/content', folder, { recursive: true })
  const graphs = ['checkout', 'shop'].map(
    (service) =>
      `  - { name: ${service}, url: "https://graphs.example/${service}", services: [${service}] }\n`,
  )
  writeFileSync(join(folder, 'links.yaml'), `dashboards:\n${graphs.join('')}`)
  past = await incident('api', 'Requests failed for <some> of you', 'critical', [
    [50, 'investigating', 'We are looking into it & hurry.', 'major_outage'],
    [49.5, 'identified', 'We know the cause.', 'partial_outage'],
    [49, 'resolved', 'It is over.', 'operational'],
  ])
  await incident('export', 'New disks', 'maintenance', [
    [30, 'in_progress', 'We change disks.', 'under_maintenance'],
    [29, 'completed', 'Done.', 'operational'],
  ])
  await incident(
    'api',
    'A practice',
    'critical',
    [
      [20, 'investigating', 'Nothing is wrong.', 'major_outage'],
      [19, 'resolved', 'It is over.', 'operational'],
    ],
    true,
  )
  current = await incident('import', 'Imports are slow', 'minor', [
    [1, 'investigating', 'We are looking into it.', 'degraded_performance'],
  ])
  built = await buildSite(resolve(folder, 'runbooks'))
  expect(built.code, built.text).toBe(0)
  site = await serve(built.out)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  built?.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** A postmortem with all its parts, which another person reviewed. */
const finished = `---
status: closed
author: ann@example.com
reviewedBy: bob@example.com
---

${humanSections.map(([title]) => `## ${title}\n\nWords.\n`).join('\n')}
## Action items

| Type | What | Owner | Due |
| --- | --- | --- | --- |
| prevent | [A limit](https://git.example/commit/0a1b) | web | 2026-12-01 |
`

const at = (path: string): string => `${site.origin}${path}`
const pages = (): string[] => [
  '/status/',
  '/status/components/api/',
  `/status/incidents/${past.toLowerCase()}/`,
  `/status/incidents/${current.toLowerCase()}/`,
  '/kpi/',
]

test.each([true, false])(
  'the status and figure pages are accessible and fit a phone and a desk, JavaScript %s',
  async (javaScriptEnabled) => {
    const { page, close, complaints } = await open(browser, at('/status/'), { javaScriptEnabled })
    for (const path of pages()) {
      await page.goto(at(path))
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width)
      }
      if (!javaScriptEnabled) continue
      await page.evaluate(axe.source)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const { violations } = await page.evaluate<AxeResults>('axe.run()')
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          path,
        ).toEqual([])
      }
    }
    expect(complaints).toEqual([])
    await close()
  },
)

test('the page says what works now, draws 90 days, and counts neither practice nor announced maintenance as outage', async () => {
  const { page, close } = await open(browser, at('/status/'), { javaScriptEnabled: false })
  expect(await page.locator('h1').textContent()).toBe('Not everything works: slower than usual')
  const component = (id: string) => page.locator(`[data-component="${id}"]`)
  expect(await component('import').getAttribute('data-status')).toBe('degraded_performance')
  expect(await component('api').getAttribute('data-status')).toBe('operational')
  expect(await component('api').locator('rect').count()).toBe(90)
  const bad = component('api').locator('rect[data-status="major_outage"]')
  // It may have lasted past midnight.
  const days = [...new Set([ago(50), ago(49.5)].map((moment) => moment.slice(0, 10)))]
  expect(await bad.count()).toBe(days.length)
  expect(await bad.first().getAttribute('data-date')).toBe(days[0])
  // One hour of 90 days.
  expect(await component('api').textContent()).toContain('99.954 %')
  expect(await component('export').textContent()).toContain(' 100 % ')
  expect(await page.locator(`[data-incident="${past}"]`).textContent()).toContain(
    'Requests failed for <some> of you',
  )
  expect(await page.getByText('A practice').count()).toBe(1)
  await page.locator('a', { hasText: 'API' }).first().click()
  expect(page.url()).toContain('/status/components/api/')
  expect(await page.locator('[data-incident]').count()).toBe(2)
  await close()
})

test('incidents of different impact are told apart by words and colors in both themes', async () => {
  const { page, close } = await open(browser, at('/status/'))
  const badge = (id: string) => page.locator(`[data-incident="${id}"] .badge`, { hasText: 'impact' })
  expect(await badge(past).textContent()).toBe('critical impact')
  expect(await badge(current).textContent()).toBe('minor impact')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const colors = [past, current].map((id) =>
      badge(id).evaluate((one: Element) => getComputedStyle(one).backgroundColor),
    )
    expect(new Set(await Promise.all(colors)).size).toBe(2)
  }
  await close()
})

test('an incident has its updates newest first, and nothing that is not for users', async () => {
  const { page, close } = await open(browser, at(`/status/incidents/${past.toLowerCase()}/`))
  expect(await page.locator('article h2').allTextContents()).toEqual([
    'resolved',
    'identified',
    'investigating',
  ])
  expect(await page.content()).not.toContain('secret-person')
  await close()
  for (const file of ['status.json', 'rss.xml', 'atom.xml'])
    expect(await (await fetch(at(`/status/${file}`))).text()).not.toContain('secret-person')
})

test('both feeds are well-formed; a guid stays when an incident goes on, and each update has its own time', async () => {
  const { page, close } = await open(browser, at('/status/'))
  const parse = async (path: string, each: string, id: string) => {
    const text = readFileSync(join(built.out, path), 'utf8')
    const feed = await page.evaluate<[string, [string, string][]]>(
      `(() => {
        const document = new DOMParser().parseFromString(${JSON.stringify(text)}, 'application/xml')
        const of = (element, name) => element.getElementsByTagName(name)[0]?.textContent ?? ''
        return [document.querySelector('parsererror')?.textContent ?? '',
          [...document.getElementsByTagName('${each}')].map((one) => [of(one, '${id}'), of(one, 'title')])]
      })()`,
    )
    expect(feed[0]).toBe('')
    return feed[1]
  }
  const rss = await parse('status/rss.xml', 'item', 'guid')
  expect(rss.map(([guid]) => guid)).toContain(past)
  expect(new Set(rss.map(([guid]) => guid)).size).toBe(4)
  expect(rss.find(([guid]) => guid === past)?.[1]).toBe('Requests failed for <some> of you (resolved)')
  const atom = await parse('status/atom.xml', 'entry', 'id')
  expect(new Set(atom.map(([id]) => id)).size).toBe(8)
  await close()
})

test('an update that is added changes no entry that a reader has seen', () => {
  const seen = feedItems({ incidents: readIncidents(join(folder, 'status')) })
  const newest = seen[0] ?? expect.fail('nothing in the feed')
  const moment = new Date(now).toISOString()
  const update = {
    id: 'u2',
    at: moment,
    status: 'resolved',
    body: 'Quick again.',
    by: 'ann',
    components: {},
  } as const
  const after = feedItems({ incidents: [withUpdate(newest.incident, update)] })
  expect(after.map(({ id }) => id)).toEqual([`${newest.incident.id}#u2`, newest.id])
  expect(after[1]?.at).toBe(newest.at)
})

test('who comes by an alert finds the dashboards of the service, and the index names what is overdue for review', () => {
  const locks = readFileSync(join(built.out, 'runbooks/incidents/database-locks/index.html'), 'utf8')
  expect([...locks.matchAll(/graphs\.example\/(\w+)/g)].map(([, name]) => name)).toEqual(['checkout'])
  const index = readFileSync(join(built.out, 'index.html'), 'utf8')
  expect(index).toMatch(/Overdue for review.*Database locks pile up.*since 2025-04-10/s)
})

test('each point of a trend says its value, and so does the table below the chart', async () => {
  const { page, close } = await open(browser, at('/kpi/'), { javaScriptEnabled: false })
  const trends = await page.locator('.trend').all()
  expect(trends.length).toBeGreaterThan(0)
  for (const trend of trends) {
    const rows = await trend.locator('tbody tr').all()
    const inTable = await Promise.all(
      rows.map(async (row) => (await row.locator('td').allTextContents()).slice(0, 2)),
    )
    const inChart = await trend.locator('rect title').allTextContents()
    expect(inChart.length).toBeGreaterThan(0)
    expect(inChart).toEqual(
      inTable.flatMap(([to, value = '']) => (/\d/.test(value) ? [`${to}: ${value}`] : [])),
    )
    const said = await trend.locator('svg').getAttribute('aria-label')
    for (const [to, value] of inTable) expect(said).toContain(`${to} ${value}`)
    // A bar is as high as its value is among the others.
    const bars = await trend
      .locator('rect')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('height'))))
    expect(Math.max(...bars)).toBeLessThanOrEqual(98)
    expect(Math.min(...bars)).toBeGreaterThan(0)
  }
  await close()
})

test('a postmortem that was to be written 48 hours after a P1 is shown as overdue, one of a practice never', async () => {
  const { page, close } = await open(browser, at('/kpi/'), { javaScriptEnabled: false })
  const owed = page.locator('[data-postmortem]')
  expect(await owed.count()).toBe(1)
  expect(await owed.getAttribute('data-postmortem')).toBe(past)
  expect(await owed.locator('.badge').innerText()).toMatch(/^overdue since 20\d\d-/)
  await close()
  const { severities } = parseSeverities('content/severities.yaml')
  const incidents = readIncidents(join(folder, 'status'))
  const overdue = (hours: number) =>
    owedPostmortems(incidents, severities, folder, now - hours * HOUR_MS).map((one) => one.overdue)
  // It was over 49 hours ago.
  expect(overdue(1)).toEqual([false])
  expect(overdue(1 - 1 / 60)).toEqual([true])
  const file = join(folder, `${past}.mdx`)
  // Closed by its own word alone, it is still owed.
  writeFileSync(file, '---\nstatus: closed\n---\n')
  expect(overdue(0)).toEqual([true])
  writeFileSync(file, finished)
  expect(overdue(0)).toEqual([])
})
