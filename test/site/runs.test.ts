import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { get, request } from 'node:http'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../runner/journal/record/write-journal.ts'
import type { JsonObject } from '../../runner/model/values/json.ts'
import { filesBelow } from '../../src/build/built-pages.ts'
import { binary, commandStep, page as runbookPage, runIn } from '../support/workspace.ts'
import { launch, open, openIn } from './support/browser.ts'
import type { Opened } from './support/browser.ts'
import { buildSite } from './support/build.ts'
import type { Built } from './support/build.ts'
import { printed, recordRun } from './support/runs.ts'
import { serve } from './support/server.ts'
import type { Served } from './support/server.ts'

mkdirSync('dist', { recursive: true })
const root = mkdtempSync(resolve('dist/site-test-'))
const content = join(root, 'runbooks')
/** A recorded run with an approval, a seal and a closing, each signed. */
const signed = '20261121-093244-release-updq'
const bare = '20261120-081400-live-k3f9'
const terminal = '20261118-081400-live-t7ty'
const drill = '20261119-081400-live-d1dr'

let built: Built
let site: Served
let browser: Browser

/** Puts a recording of the terminal beside what the step printed. */
function withRecording(state: string, result: JsonObject): JsonObject {
  const cast = [
    JSON.stringify({ version: 3, term: { cols: 40, rows: 5 } }),
    JSON.stringify([0.01, 'o', '\u001B]0;title\u0007\u001B[32mBuilding\u001B[0m 10%']),
    JSON.stringify([0.01, 'o', '\r\u001B[2KBuilt\r\n<b>not markup</b>']),
    JSON.stringify([0.01, 'x', '0']),
  ].join('\n')
  const file = 'steps/grow.1.cast'
  writeFileSync(join(state, 'runs', terminal, file), cast)
  const { process } = result['data'] as { process: { files: JsonObject[] } }
  process.files.push({ stream: 'recording', file, bytes: cast.length, sha256: sha256(cast) })
  return result
}

beforeAll(async () => {
  mkdirSync(content)
  const go = join(root, 'go')
  const grows = commandStep('grow', `echo first; until [ -e ${go} ]; do sleep 0.1; done; echo second`)
  writeFileSync(join(content, 'live.mdx'), runbookPage(grows))
  built = await buildSite(content, async (state) => {
    const folder = join(state, 'runs', signed)
    cpSync('test/journals/v1/approved', folder, { recursive: true })
    renameSync(join(folder, 'heads.jsonl'), join(state, 'heads.jsonl'))
    const line = 'token [redacted] and more\n'
    await recordRun(state, bare, content, 'live', [
      ['step-started', 'grow#1', {}],
      ['step-ended', 'grow#1', printed(state, bare, 'grow', line.repeat(60_000))],
      ['step-finished', 'grow', { status: 'passed', message: 'exited with code 0', outputs: {} }],
      ['run-ended', '', { status: 'succeeded', message: 'Done' }],
    ])
    await recordRun(state, terminal, content, 'live', [
      ['step-started', 'grow#1', {}],
      [
        'step-ended',
        'grow#1',
        withRecording(state, printed(state, terminal, 'grow', 'Building\r\nBuilt\r\n')),
      ],
      ['step-finished', 'grow', { status: 'passed', message: 'exited with code 0', outputs: {} }],
      ['run-ended', '', { status: 'succeeded', message: 'Done' }],
    ])
    await recordRun(state, drill, content, 'live', [['run-ended', '', { status: 'failed', message: 'No' }]])
  })
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

const at = (path: string): string => `${site.origin}${path}`
const verdict = (page: Page): Promise<string> =>
  page
    .locator('.in-browser .badge')
    .textContent()
    .then((text) => text ?? '')

describe('evidence on the page', () => {
  test("is checked again in the reader's browser, and signatures as they were at the build", async () => {
    const { page, close, complaints } = await open(browser, at(`/runs/${signed}/`))
    expect(await verdict(page)).toBe('✓ holds')
    expect(await page.locator('[data-proof]').textContent()).toBe('✓ intact, signed by alice@example.com')
    expect(await page.locator('.signatures [data-verdict=good]').allTextContents()).toEqual([
      expect.stringMatching(/approval of step go.*bob@example\.com.*SHA256:.*runbook-approval@v1/s),
      expect.stringMatching(/seal of the run.*alice@example\.com.*SHA256:.*runbook-head@v1/s),
      expect.stringMatching(/closing by a second person.*SHA256:.*runbook-approval@v1/s),
    ])
    expect(complaints).toEqual([])
    await close()
  })

  test('without JavaScript it says what was checked when, and that the browser has not', async () => {
    const { page, close } = await open(browser, at(`/runs/${signed}/`), { javaScriptEnabled: false })
    expect(await page.locator('.in-browser').textContent()).toContain('has not checked it')
    expect(await page.locator('.evidence').textContent()).toMatch(/14 of 14 checks held at\s+20\d\d-/)
    await close()
  })

  test('what was changed on the host after the build shows', async () => {
    const { page, close } = await open(browser, at(`/runs/${signed}/`))
    for (const [name, check] of [
      ['run.jsonl', 'chain'],
      ['steps/ship/1/stdout', 'outputs'],
      ['document.mdx', 'document'],
      ['head.json', 'head'],
    ] as const) {
      const file = join(built.out, 'runs', signed, 'evidence', name)
      const bytes = readFileSync(file)
      const other = Buffer.from(bytes)
      other[bytes.length - 3] = bytes[bytes.length - 3] === 0x61 ? 0x62 : 0x61
      writeFileSync(file, other)
      await page.reload()
      expect(await verdict(page), name).toBe('✕ does not hold')
      expect(await page.locator('.in-browser li').first().textContent()).toContain(`✕ ${check}:`)
      expect(await page.locator('[data-proof]').textContent()).toBe('✕ does not hold')
      writeFileSync(file, bytes)
    }
    await close()
  })

  test('an unsigned run is called so; much evidence is fetched when asked; secrets and cuts are marked', async () => {
    const { page, close } = await open(browser, at(`/runs/${bare}/`))
    expect(await page.locator('.evidence').textContent()).toContain('UNSIGNED')
    expect(await page.locator('mark.redacted').first().textContent()).toBe('[redacted]')
    expect(await page.locator('.output').textContent()).toMatch(/cut: \d+ bytes left out/)
    expect(await page.locator('.output').evaluate((part: Element) => part.hasAttribute('open'))).toBe(false)
    await page.getByRole('button', { name: /Check it in this browser \(1\.\d MB/ }).click()
    // It was recorded without a seal, which is what the browser then finds missing.
    expect(await verdict(page)).toBe('✕ does not hold')
    await close()
  })

  test('its script is small, the player apart, and on the pages of runs alone', () => {
    const scripts = filesBelow(join(built.out, '_astro')).filter((file) => /^(?!replay).*\.js$/.test(file))
    const bytes = scripts.map((file) => gzipSync(readFileSync(join(built.out, '_astro', file))).length)
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(15_000)
    const loading = filesBelow(built.out).filter(
      (file) =>
        file.endsWith('.html') && /<script[^>]*_astro/.test(readFileSync(join(built.out, file), 'utf8')),
    )
    expect(loading.filter((file) => !/^runs\/[^/]+\/index\.html$/.test(file))).toEqual([])
  })
})

test('a recorded terminal is played when asked for, as text only, and stands as text without JavaScript', async () => {
  const { page, close, complaints } = await open(browser, at(`/runs/${terminal}/`))
  expect(await page.locator('.screen').count()).toBe(0)
  await page.locator('#grow > details > summary').click()
  await page.getByRole('button', { name: 'Replay the terminal' }).click()
  await page.locator('.screen', { hasText: 'not markup' }).waitFor()
  expect(
    (await page.locator('.screen').textContent())
      ?.trimEnd()
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual(['Built', '<b>not markup</b>'])
  await page.getByLabel('Place in the recording').fill('0')
  await page.locator('.screen', { hasNotText: 'Built' }).waitFor()
  expect(complaints).toEqual([])
  await close()
  const without = await open(browser, at(`/runs/${terminal}/`), { javaScriptEnabled: false })
  expect(await without.page.getByText('Replay the terminal').isVisible()).toBe(false)
  expect(await without.page.locator('#grow .output pre').textContent()).toBe('Building\nBuilt')
  await without.close()
})

test('the checklist has each step with its people and digests, every signature, and what is not proven', async () => {
  const { page, close, complaints } = await open(browser, at(`/runs/${signed}/checklist/`))
  expect(await page.locator('.filed tr:not(.proof) td:nth-child(2)').allTextContents()).toEqual(
    ['Tag the release\ntag', 'Go or no-go\ngo', 'Ship it\nship'].map((text) => text.replace('\n', '')),
  )
  expect(await page.locator('.filed').textContent()).toMatch(/bob@example\.com, key:\s+Approved/)
  expect(await page.locator('.filed .proof code').count()).toBeGreaterThan(2)
  expect(await page.locator('.signatures [data-verdict=good]').count()).toBe(3)
  expect(await page.getByText('That what was written was true.').count()).toBe(1)
  await page.setViewportSize({ width: 680, height: 900 })
  await page.emulateMedia({ media: 'print' })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(680)
  expect(await page.locator('.top').isVisible()).toBe(false)
  expect(complaints).toEqual([])
  await close()
})

test('the index leads to each runbook, outcome, person and month without JavaScript', async () => {
  const { page, close } = await open(browser, at('/runs/'), { javaScriptEnabled: false })
  await page.getByRole('link', { name: 'bob@example.com' }).click()
  expect(await page.locator('.runs > li').count()).toBe(1)
  await page.getByRole('link', { name: 'All runs' }).click()
  await page.getByRole('link', { name: '2026-11' }).click()
  expect(await page.locator('.runs > li').count()).toBe(4)
  await close()
})

interface Serving {
  child: ChildProcess
  /** The address that lets one browser in. */
  opens: string
  /** Where its pages are for who was let in. */
  address: string
  cookie: string
}

const env = (): Record<string, string> => ({
  RUNBOOK_CONTENT: content,
  RUNBOOK_STATE: built.state,
  RUNBOOK_ACTOR: 'alice@example.com',
})

async function startServing(): Promise<Serving> {
  const args = [binary, 'serve', '--site', built.out, '--port', '0', '--json']
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env(), RUNBOOK_ALLOWED_SIGNERS: join(root, 'signers') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    const { address: opens } = JSON.parse(line) as { address: string }
    const { origin, hash } = new URL(opens)
    const body = new URLSearchParams({ token: hash.slice(1) })
    const { headers } = await fetch(opens, { method: 'POST', body, headers: { origin }, redirect: 'manual' })
    const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';')
    return { child, opens, address: new URL(headers.get('location') ?? '', opens).href, cookie }
  }
  throw new Error('it ended before it listened')
}

/** Opens a page of a server in a browser that was let in. */
async function openLetIn({ address, cookie }: Serving, path: string): Promise<Opened> {
  const context = await browser.newContext()
  const [name = '', value = ''] = cookie.split('=')
  await context.addCookies([{ name, value, url: address }])
  return openIn(context, address + path)
}

const signing = (): Record<string, string> => ({
  RUNBOOK_SIGNING_KEY: join(root, 'alice'),
  RUNBOOK_ALLOWED_SIGNERS: join(root, 'signers'),
})

/** Starts the runbook `live`; its id, and its exit code once it is over. */
async function startLive(
  flags: readonly string[],
  more: Record<string, string>,
): Promise<{ run: string; over: Promise<number | null> }> {
  const running = spawn(process.execPath, [binary, 'exec', 'live', ...flags, '--json'], {
    cwd: root,
    env: { ...process.env, ...env(), ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const over = ended(running)
  for await (const line of createInterface(running.stdout)) {
    running.stdout.resume()
    return { run: (JSON.parse(line) as { run: string }).run, over }
  }
  throw new Error('it ended before it began')
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((done) => child.once('close', (code) => done(code)))

describe('runbook serve', () => {
  let serving: Serving

  beforeAll(async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'alice')])
    const key = readFileSync(join(root, 'alice.pub'), 'utf8')
    writeFileSync(join(root, 'signers'), `alice@example.com namespaces="runbook-head@v1" ${key}`)
    serving = await startServing()
  })

  test('a page grows with its run, and ends with the seal', async () => {
    const { run, over } = await startLive(['--yes'], signing())
    const { page, close, complaints, missing } = await openLetIn(serving, `runs/${run}/`)
    await page.locator('#grow .output', { hasText: 'first' }).waitFor()
    expect(await page.locator('.outcome').textContent()).toContain('running')
    expect(await page.locator('#grow .output').textContent()).toContain('not in the journal yet')
    writeFileSync(join(root, 'go'), '')
    await page.locator('#grow .output', { hasText: 'second' }).waitFor({ state: 'attached' })
    await page.locator('.outcome', { hasText: 'succeeded' }).waitFor()
    await page.locator('[data-proof]', { hasText: 'signed by alice@example.com' }).waitFor()
    expect(await verdict(page)).toBe('✓ holds')
    expect(await over).toBe(0)
    await page.goto(`${serving.address}runs/`)
    expect(await page.locator('.runs > li').first().textContent()).toContain('succeeded')
    expect(complaints).toEqual([])
    expect(missing.filter((path) => /sw\.js$|close\.json$|head\.json$/.test(path))).toEqual([])
    await close()
  })

  test('a check in the browser that newer evidence has overtaken stays silent', async () => {
    rmSync(join(root, 'go'), { force: true })
    const { run, over } = await startLive(['--yes'], signing())
    const { page, close } = await openLetIn(serving, `runs/${run}/`)
    await page.locator('#grow .output', { hasText: 'first' }).waitFor()
    const late = Promise.withResolvers<undefined>()
    const journal = /evidence\/run\.jsonl$/
    await page.route(
      journal,
      async (route) => {
        await late.promise
        await route.fulfill({ body: '{"seq":0}\n' })
      },
      { times: 1 },
    )
    const held = page.waitForRequest(journal)
    const [overtaken] = await Promise.all([held, page.reload()])
    writeFileSync(join(root, 'go'), '')
    await page.locator('[data-proof]', { hasText: 'signed by alice@example.com' }).waitFor()
    await page.locator('.in-browser', { hasText: 'holds' }).waitFor()
    late.resolve(undefined)
    await (await overtaken.response())?.finished()
    // The page hashes what it fetched before it judges: once this is hashed too, it has.
    await page.evaluate(() => crypto.subtle.digest('SHA-256', new Uint8Array(100_000)))
    expect(await page.locator('[data-proof]').textContent()).toBe('✓ intact, signed by alice@example.com')
    expect(await over).toBe(0)
    await close()
  })

  test('a question reaches the page by itself, is reported to a screen reader, and is answered by keyboard', async () => {
    rmSync(join(root, 'go'), { force: true })
    const { run, over } = await startLive(['--remote'], { RUNBOOK_SIGNING_KEY: 'none' })
    const { page, close, complaints } = await openLetIn(serving, `runs/${run}/`)
    await page.getByRole('heading', { name: 'Run grow?' }).waitFor()
    await page.getByLabel('Why is it skipped?').fill('not yet')
    // A part of the page changes meanwhile; what was typed stays.
    writeFileSync(join(built.state, 'runs', run, 'close.json'), '{}')
    await page.waitForResponse((response) => response.url().endsWith(`/runs/${run}/`))
    rmSync(join(built.state, 'runs', run, 'close.json'))
    expect(await page.getByLabel('Why is it skipped?').inputValue()).toBe('not yet')
    expect(
      await page.getByLabel('Why is it skipped?').evaluate((one: Element) => one === document.activeElement),
    ).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('#grow .output', { hasText: 'first' }).waitFor()
    writeFileSync(join(root, 'go'), '')
    await page.locator('[role=status]', { hasText: 'succeeded' }).waitFor({ state: 'attached' })
    expect(await over).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })

  test('it is for browsers on this machine that were let in, and shows only what is published', async () => {
    const { pathname: folder, hostname, port, host } = new URL(serving.address)
    const status = (path: string, headers: object = {}, method = 'GET'): Promise<number> =>
      new Promise((done, failed) => {
        const all = { host, cookie: serving.cookie, ...headers }
        request({ hostname, port, path, method, headers: all }, (response) => {
          response.resume()
          done(response.statusCode ?? 0)
        })
          .on('error', failed)
          .end()
      })
    expect(await status(folder)).toBe(200)
    for (const other of ['evil.example', 'localhost.evil.example', `localhost`, `127.0.0.1:${port}`])
      expect(await status(folder, { host: other }), other).toBe(421)
    expect(await status(folder, {}, 'POST')).toBe(403)
    expect(await status(folder, {}, 'PUT')).toBe(405)
    expect(await status(`${folder}runs`)).toBe(301)
    expect(await status(`${folder}runs/${signed}/evidence/run.jsonl`)).toBe(200)
    expect(await status(folder, { cookie: `${serving.cookie}; ${serving.cookie}` })).toBe(400)
    for (const cookie of ['', 'a=b', `${serving.cookie}x`])
      expect(await status(`${folder}runs/${signed}/evidence/run.jsonl`, { cookie }), cookie).toBe(401)
    expect(await status(new URL(serving.opens).pathname)).toBe(200)
    for (const path of ['/', '/runs/', `/runs/${signed}/`, '/~open'])
      expect(await status(path), path).toBe(401)
    for (const path of [
      '/../package.json',
      '/%2e%2e/%2e%2e/package.json',
      '/..%2f..%2fpackage.json',
      '/..%5cpackage.json',
      `/runs/${signed}/evidence/expected.json`,
      `/runs/${signed}/evidence/../../../heads.jsonl`,
      `/runs/${signed}/evidence/inbox/x`,
      '/runs/nowhere/',
      '/_headers',
      '/sw.js',
      '/%zz',
    ])
      // A path that leads out of the folder is one outside it, where nobody is let in.
      expect([401, 404], path).toContain(await status(folder.slice(0, -1) + path))
  })

  test('a browser that was not let in reads why, and can type the code', async () => {
    const { origin, pathname } = new URL(serving.opens)
    const { page, close, complaints } = await open(browser, `${origin}/runs/`, {
      viewport: { width: 360, height: 740 },
    })
    expect(await page.getByRole('alert').textContent()).toContain('is open to the account that serves it')
    await page.getByLabel('Code that runbook serve printed').fill('ABCD-EFGH')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('This is not the code that was printed last').waitFor()
    expect(new URL(page.url()).pathname).toBe(pathname)
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.evaluate(axe.source)
      expect(
        await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))'),
      ).toEqual([])
    }
    await close()
  })

  test('other addresses than those of this machine are refused, and so is a site that is not built', async () => {
    const reachable = await runIn(root, ['serve', '--host', '0.0.0.0'], env())
    expect([reachable.code, reachable.stderr]).toEqual([
      2,
      expect.stringContaining('`0.0.0.0` is reachable from other machines'),
    ])
    const none = await runIn(root, ['serve', '--site', 'nowhere'], env())
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no built site in nowhere')])
  })

  test('a signal ends it, although a reader keeps a connection, and an open page says so', async () => {
    const { page, close } = await openLetIn(serving, `runs/${signed}/`)
    await page.locator('.run').waitFor()
    const reader = get(serving.address, { agent: false }).on('error', () => undefined)
    await new Promise((answered) => reader.once('response', answered))
    const over = ended(serving.child)
    serving.child.kill('SIGINT')
    expect(await over).toBe(0)
    await page.getByRole('alert').getByText('the server does not answer').waitFor()
    await close()
  })
})
