import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pagesPackage } from '../../runner/kit/optional-package.ts'
import { patienceMs } from '../support/patience.ts'
import { freePort } from '../support/servers/free-port.ts'
import { binary, runIn, testedFolder } from '../support/workspace.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-dev-'))
const document = (title: string, end = '</Check>'): string =>
  `---\ntitle: ${title}\n---\n\n<Check id="ok" title="It is so">\n\n\`\`\`sh\ntrue\n\`\`\`\n\n${end}\n`
const write = (name: string, text: string): void => writeFileSync(join(root, 'content/runbooks', name), text)

/** What the program asked of the registry of packages. */
const asked: string[] = []
const registry = createServer((request, response) => {
  asked.push(request.url ?? '')
  response.setHeader('content-type', 'application/json')
  response.end('{"version":"999.0.0"}')
})
let origin: string
let printed = ''
let child: ChildProcess
/** Ends the waiting of the tests when the program ends, with what it printed. */
let gone: Promise<never>

beforeAll(async () => {
  mkdirSync(join(root, 'content/runbooks'), { recursive: true })
  write('a.mdx', document('First title'))
  mkdirSync(join(root, 'alerting'))
  writeFileSync(join(root, 'runbook.config.ts'), "export default { rules: ['alerting/**/*.yml'] }\n")
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const port = (registry.address() as AddressInfo).port
  // Astro asks where its settings do not say that it did.
  rmSync(join(testedFolder, 'node_modules', pagesPackage, 'site/.astro/settings.json'), { force: true })
  child = spawn(process.execPath, [binary, 'site', 'dev', '--port', String(await freePort())], {
    cwd: root,
    // It does not know that a test is running: Astro serves no pages to one.
    env: { PATH: process.env['PATH'], HOME: root, NPM_CONFIG_REGISTRY: `http://127.0.0.1:${port}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  gone = once(child, 'close').then(() => {
    throw new Error(`\`site dev\` ended by itself:\n${printed}`)
  })
  gone.catch(() => undefined)
  const ready = new Promise<string>((resolve) => {
    const read = (part: Buffer): void => {
      printed += part.toString()
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0]
      if (address !== undefined) resolve(address)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
  })
  origin = await Promise.race([ready, gone])
  await shows('/runbooks/a/', '<h1>First title</h1>')
})

afterAll(async () => {
  child.kill('SIGTERM')
  await gone.catch(() => undefined)
  registry.close()
  rmSync(root, { recursive: true, force: true })
})

/** Waits until a page has a text. */
async function shows(path: string, text: string): Promise<string> {
  for (const end = Date.now() + 2 * patienceMs; ;) {
    const response = await Promise.race([fetch(origin + path).catch(() => undefined), gone])
    const html = (await response?.text()) ?? ''
    if (html.includes(text)) return html
    if (Date.now() > end) throw new Error(`${path} does not show ${text}:\n${html}\n${printed}`)
    await new Promise((again) => setTimeout(again, 100))
  }
}

test('a changed title shows on the page and in the list, and so does a new document', async () => {
  write('a.mdx', document('Second title'))
  await shows('/runbooks/a/', '<h1>Second title</h1>')
  await shows('/', '>Second title</a>')
  write('b.mdx', document('Another'))
  await shows('/runbooks/b/', '<h1>Another</h1>')
})

test('a browser that shows a page is told to load it again when a runbook changes', async () => {
  const client = await (await fetch(`${origin}/@vite/client`)).text()
  const token = /wsToken = "([^"]+)"/.exec(client)?.[1] ?? ''
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/?token=${token}`, 'vite-hmr')
  const isTold = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      if (String(data).includes('"full-reload"')) resolve()
    })
  })
  await once(socket, 'open')
  write('a.mdx', document('Third title'))
  await Promise.race([isTold, gone])
  socket.close()
})

test.each([
  [
    'of its text',
    document('Broken', ''),
    'a.mdx:5:1: error: Expected a closing tag for `&lt;Check&gt;` [invalid-syntax]',
  ],
  ['of its frontmatter', '---\ntitle: [x\n---\n\nText\n', '[invalid-frontmatter]'],
])(
  'a document with an error %s shows the finding, and its text once that is corrected',
  async (_, text, finding) => {
    write('a.mdx', text)
    const html = await shows('/runbooks/a/', finding)
    expect(html).toContain('A build stops at them')
    expect(html).toContain('class="top"')
    write('a.mdx', document('Corrected'))
    expect(await shows('/runbooks/a/', '<h1>Corrected</h1>')).not.toContain('data-findings')
  },
)

test('a rule in a new folder shows in the list of alerts, and so does its change', async () => {
  const rule = (name: string): string =>
    `groups: [{ name: g, rules: [{ alert: ${name}, expr: up == 0, annotations: { runbook_url: 'http://127.0.0.1:4321/runbooks/a/' } }] }]\n`
  mkdirSync(join(root, 'alerting/new'))
  writeFileSync(join(root, 'alerting/new/a.yml'), rule('FirstDown'))
  await shows('/alerts/', 'FirstDown')
  writeFileSync(join(root, 'alerting/new/a.yml'), rule('SecondDown'))
  expect(await shows('/alerts/', 'SecondDown')).not.toContain('FirstDown')
})

test('the first page of documentation shows although its folder was not there, and so does its change', async () => {
  const page = (title: string): void =>
    writeFileSync(
      join(root, 'content/docs/own.md'),
      `---\ntitle: ${title}\ndescription: Words.\n---\n\nWords.\n`,
    )
  mkdirSync(join(root, 'content/docs'))
  page('First page')
  await shows('/docs/own/', '<h1>First page</h1>')
  page('Second page')
  await shows('/docs/own/', '<h1>Second page</h1>')
})

test('no registry is asked for a newer version of what shows the pages', () => {
  expect(asked).toEqual([])
})

test('a server that finds no port ends, and says so', async () => {
  const taken = createServer().listen(65_535, '127.0.0.1')
  await once(taken, 'listening')
  const { code, stderr } = await runIn(root, ['site', 'dev', '--port', '65535'], {})
  taken.close()
  expect([code, stderr]).toEqual([1, expect.stringContaining('error: No available ports found')])
})
