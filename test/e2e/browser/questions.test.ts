import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { inlineStyle } from '../../../runner/pages/inline-style.ts'
import { launch } from '../../site/support/browser.ts'
import { patienceMs } from '../../support/patience.ts'
import { frames, startActing, untilEnded } from '../../support/servers/acting.ts'
import type { ActingServer } from '../../support/servers/acting.ts'
import { commandStep, page as runbook, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

let metrics: Server
let space: Workspace
let server: ActingServer
let browser: Browser
const runs: string[] = []

/** The page of a run as a built site shows it: with its style, and without any script. */
const style = ['alone.css', 'run.css'].map((name) => inlineStyle(name))
const frame = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>x</title><style>${style.join('')}</style></head><body><main><article></article></main></body></html>`

const steps = (source: string): string =>
  [
    commandStep('send', 'echo sent', 'confirm="publish"'),
    '<Checklist id="ready" title="People are ready">\n\n- [ ] Support knows\n- [ ] Nobody migrates\n\n</Checklist>\n',
    '<Ask id="say" title="Say it" outputs="severity, words">\n\n```yaml\nseverity: { type: choice, options: [P1, P2] }\nwords: { type: text }\n```\n\n</Ask>\n',
    `<Gate id="slo" title="It holds" source="${source}" for="200ms" interval="100ms" maxNoData={30} onInconclusive="ask">\n\n\`\`\`yaml\n- value: up\n  above: 0\n\`\`\`\n\n</Gate>\n`,
    '<Approval id="go" title="Go or no-go" approvers="bob@example.com" />\n',
  ].join('\n')

/** Kills the process that runs steps, and the runner, the first time: the end of the step is in no journal. */
const dies = `if [ ! -e died ]; then
  touch died
  kill -9 "$PPID" "$(awk '/^PPid/ { print $2 }' "/proc/$PPID/status")"
fi
echo x >> effect`

/** Ten lists, each of which names the one before it ten times. */
const bomb = Array.from(
  { length: 10 },
  (_, at) =>
    `l${at}: &l${at} [${Array.from({ length: 10 }, () => (at === 0 ? 'x' : `*l${at - 1}`)).join(', ')}]\n`,
).join('')

beforeAll(async () => {
  // It counts nothing, so the gate is inconclusive.
  metrics = createServer((_, response) => response.end('# EOF\n'))
  await new Promise<void>((done) => metrics.listen(0, '127.0.0.1', done))
  const source = `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`
  space = workspace({
    'content/runbooks/all.mdx': runbook(steps(source)),
    'content/runbooks/long.mdx': runbook(commandStep('work', "trap '' INT TERM; echo begun; sleep 600")),
    'content/runbooks/sent.mdx': runbook(commandStep('send', 'echo sent')),
    'content/runbooks/typed.mdx': runbook(
      commandStep('work', 'true'),
      String.raw`inputs:
  word: { type: string, pattern: '(a+)+(b|a)*c' }
`,
    ),
    'content/runbooks/lost.mdx': runbook(commandStep('lose', dies)),
    'content/runbooks/bomb.mdx': runbook(commandStep('work', 'true'), bomb),
    'content/runbooks/deep.mdx': runbook(
      commandStep('work', 'true'),
      `inputs: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    ),
    'content/runbooks/large.mdx': runbook(
      commandStep('work', 'true'),
      `description: ${'x'.repeat(300_000)}\n`,
    ),
    ...frames(['bomb', 'deep', 'large', 'all', 'long', 'lost', 'typed', 'sent']),
    'site/_headers': "/*\n  Content-Security-Policy: default-src 'none';style-src 'unsafe-inline'\n",
    'site/runs/live/index.html': frame,
  })
  server = await startActing(space)
  browser = await launch()
})

afterAll(async () => {
  const by = { id: 'alice@example.com', host: 'x', via: 'browser' }
  for (const run of runs) postStop(join(space.root, '.runbook/runs', run), by, '', true)
  await browser?.close()
  await server?.stop()
  space?.[Symbol.dispose]()
  metrics?.close()
})

/** A browser of 320 px without scripts, which was let in. */
async function phone(cookie: string): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 320, height: 640 },
  })
  const [name = '', value = ''] = cookie.split('=')
  await context.addCookies([{ name, value, domain: 'localhost', path: server.folder }])
  return [context, await context.newPage()]
}

async function begin(slug: string): Promise<string> {
  const { headers, text } = await server.post(await server.form(`runbooks/${slug}/`, `start/${slug}`), {
    '~do': 'run',
  })
  expect(headers['location'], text).toBeDefined()
  const run = String(headers['location']).split('/').at(-2) ?? ''
  runs.push(run)
  return run
}

const eventsOf = (run: string) => readRun(join(space.root, '.runbook'), run).events

/** Asks again, as a person without scripts does, until the page has what is looked for. */
async function reloadUntil(page: Page, text: string, within = 'article'): Promise<void> {
  for (const until = Date.now() + patienceMs; ;) {
    if ((await page.locator(within).getByText(text).count()) > 0) return
    if (Date.now() > until) throw new Error(`No ${text} in ${await page.locator('article').innerText()}`)
    await page.reload()
  }
}

async function fits(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
}

/** The bar of the site above the article, which the frame of this test does not have. */
const barHeight = 110

/** The question and each of its choices can be seen on a small phone without moving the page. */
async function isInFirstScreen(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 - barHeight })
  await page.evaluate('scrollTo(0, 0)')
  for (const seen of ['h2', 'button']) {
    const boxes = await Promise.all(
      (await page.locator(`.card.ask ${seen}`).all()).map((one) => one.boundingBox()),
    )
    expect(boxes.length).toBeGreaterThan(0)
    for (const box of boxes) expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(740 - barHeight)
  }
  await page.setViewportSize({ width: 320, height: 640 })
}

test('every kind of question is answered on 320 px without scripts, a gate is watched on and accepted', async () => {
  const run = await begin('all')
  const [context, page] = await phone(server.cookie)
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  const answer = async (question: string, fill: () => Promise<unknown>, button: string) => {
    await reloadUntil(page, question, '.card.ask:has(button)')
    await fits(page)
    await isInFirstScreen(page)
    await fill()
    await page.locator('.card.ask').getByRole('button', { name: button, exact: true }).click()
  }
  const nothing = () => Promise.resolve()
  await answer('Run send?', nothing, 'Run it')
  await answer(
    'Step send: type publish to go on',
    () => page.locator('[name=word]').fill('publish'),
    'Confirm',
  )
  const listed = async () => {
    const { text } = await server.send('runs/')
    expect(text, 'the index says that it waits').toMatch(
      new RegExp(`data-status="waiting"[^>]*><a href="[^"]*${run}/"`),
    )
    await page.locator('[name=note]').fill('asked')
  }
  await answer('1/2 Support knows', listed, 'Done')
  await answer('2/2 Nobody migrates', () => page.locator('[name=note]').fill('no tables'), 'Not applicable')
  await answer('1/2 severity', () => page.locator('[name=value]').selectOption('P2'), 'Answer')
  await answer('2/2 words', () => page.locator('[name=value]').fill('two\nlines'), 'Answer')
  await answer('What follows from that?', nothing, 'Watch on')
  await expect.poll(() => eventsOf(run).filter(({ type }) => type === 'gate-watched').length).toBe(2)
  // An answer without its reason is refused, and the page says so.
  await answer('What follows from that?', nothing, 'Accept')
  await page.getByRole('alert').first().waitFor()
  expect(eventsOf(run).filter(({ type }) => type === 'gate-answered')).toHaveLength(1)
  await answer(
    'What follows from that?',
    () => page.locator('[name=reason]').fill('no traffic yet'),
    'Accept',
  )
  await reloadUntil(page, 'Go or no-go')
  await fits(page)

  const other = await server.another()
  const [second, bob] = await phone(other)
  await server.post(await server.form(`runs/${run}/`, '/me', other), { person: 'bob@example.com' }, other)
  await bob.goto(page.url())
  await reloadUntil(bob, 'Approve as bob@example.com')
  await fits(bob)
  await isInFirstScreen(bob)
  await bob.getByRole('button', { name: 'Approve as bob@example.com' }).click()
  const { state, events } = await untilEnded(space, run)
  expect(state.status).toBe('succeeded')
  const answers = events
    .filter(({ type }) => type === 'gate-answered')
    .map(({ data, actor }) => [data['answer'], actor.via])
  expect(answers).toEqual([
    ['extend', 'browser'],
    ['accept', 'browser'],
  ])
  expect((await space.runbook(['verify', run])).code).toBe(0)
  await second.close()
  await context.close()
})

test('a second stop ends a step at once', async () => {
  const run = await begin('long')
  const [context, page] = await phone(server.cookie)
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  await reloadUntil(page, 'Run work?')
  await page.getByRole('button', { name: 'Run it', exact: true }).click()
  await expect.poll(() => eventsOf(run).at(-1)?.type).toBe('step-started')
  await page.reload()
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await reloadUntil(page, 'Stopping: end it at once')
  expect(eventsOf(run).at(-1)?.type).toBe('step-started')
  await page.getByRole('button', { name: 'Stopping: end it at once' }).click()
  await expect.poll(() => eventsOf(run).map(({ type }) => type)).toContain('run-paused')
  await reloadUntil(page, 'Resume')
  await fits(page)
  await context.close()
})

test('after a lost outcome, a person says on 320 px without scripts what is true', async () => {
  const run = await begin('lost')
  const [context, page] = await phone(server.cookie)
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  await reloadUntil(page, 'Run lose?')
  await page.getByRole('button', { name: 'Run it', exact: true }).click()
  await reloadUntil(page, 'Resume')
  await page.getByRole('button', { name: 'Resume' }).click()
  await reloadUntil(page, 'what is true?')
  await fits(page)
  await page.getByRole('button', { name: 'Run it again' }).click()
  // Without a reason it is refused, and the page says so.
  await page.getByRole('alert').first().waitFor()
  await fits(page)
  await page.locator('[name=reason]').fill('there is no file effect')
  await page.getByRole('button', { name: 'Run it again' }).click()
  const resolved = () => eventsOf(run).find(({ type }) => type === 'outcome-resolved')
  await expect.poll(resolved).toMatchObject({
    actor: { id: 'alice@example.com', via: 'browser' },
    data: { answer: 'again', reason: 'there is no file effect' },
  })
  await context.close()
})

test.each([
  ['bomb', 'whose YAML would grow without end'],
  ['deep', 'that nests twenty thousand lists'],
  ['large', 'of 300 kB'],
])('%s: a document %s is refused, and the server answers others', async (slug) => {
  expect((await server.send(`runbooks/${slug}/`)).text).not.toContain('name="~token"')
  const form = await server.form('runbooks/sent/', 'start/sent')
  const refused = await server.post({ ...form, action: form.action.replace('sent', slug) }, { '~do': 'run' })
  expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('has errors')])
  expect((await server.send('runs/')).status).toBe(200)
})

test('a value against which a backtracking pattern would take for ever is refused at once', async () => {
  const form = await server.form('runbooks/typed/', 'start/typed')
  const began = performance.now()
  const refused = await server.post(form, { word: 'a'.repeat(60_000), '~do': 'dry' })
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('word')])
  // The server answers others meanwhile, and the whole takes the time of starting one program.
  expect(performance.now() - began).toBeLessThan(20_000)
  expect((await server.send('runs/')).status).toBe(200)
})

test('the page of a question has no finding of axe in either theme', async () => {
  const run = await begin('sent')
  const context = await browser.newContext({ bypassCSP: true })
  const [name = '', value = ''] = server.cookie.split('=')
  await context.addCookies([{ name, value, domain: 'localhost', path: server.folder }])
  const page = await context.newPage()
  await page.goto(`${server.origin}${server.folder}runs/${run}/`)
  await reloadUntil(page, 'Run send?')
  await page.evaluate(axe.source)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
  }
  await context.close()
})
