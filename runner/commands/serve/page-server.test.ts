import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { fileBody } from './file-body.ts'
import { moveAddresses, servePage } from './page-server.ts'

const moved = (html: string): string => moveAddresses(html, '/docs/', '/docs/~x/')

test('addresses of the site move into the folder of the server', () => {
  expect(moved('<a class="a > b" href="/docs/runs/">')).toBe('<a class="a > b" href="/docs/~x/runs/">')
  expect(moved("<p data-evidence='/docs/a'><form action=/docs/search/>")).toBe(
    "<p data-evidence='/docs/~x/a'><form action=/docs/~x/search/>",
  )
  expect(moved('<meta http-equiv="refresh" content="0;url=/docs/a/">')).toContain('url=/docs/~x/a/')
})

test('text, other sites and other attributes stay unchanged', () => {
  for (const html of [
    '<code>href="/docs/runs/"</code>',
    '<a href="https://x/docs/">',
    '<a href="/docs//x">',
    '<a href="/other/">',
    '<meta name="description" content="/docs/ is where">',
    '<input pattern="/docs/.*">',
  ])
    expect(moved(html)).toBe(html)
})

async function asked(file: string, method = 'GET'): Promise<Response> {
  const answer = () => Promise.resolve({ body: fileBody(file), type: 'application/octet-stream' })
  const place = { base: '/', folder: '/~x/', sources: [{ answer }] }
  const app = new Hono().get('*', (context) =>
    servePage(context, place, { id: 'a', person: undefined, sees: () => true }),
  )
  return app.request('http://x/~x/a', { method })
}

test('a file of three gigabytes is sent in pieces', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'served-'))
  try {
    const file = join(folder, 'a.stdout')
    writeFileSync(file, 'begins here')
    const fd = openSync(file, 'r+')
    ftruncateSync(fd, 3 * 1024 ** 3)
    closeSync(fd)
    const before = process.memoryUsage().rss
    const response = await asked(file)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(3 * 1024 ** 3))
    const reader = response.body?.getReader()
    let bytes = 0
    for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
      if (bytes === 0) expect(new TextDecoder().decode(piece.value.subarray(0, 11))).toBe('begins here')
      bytes += piece.value.length
      if (bytes > 64 * 1024 ** 2) break
    }
    await reader?.cancel()
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 ** 2)
    expect((await asked(file, 'HEAD')).status).toBe(200)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a file that grows while it is sent is sent as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'served-'))
  try {
    const file = join(folder, 'a.stdout')
    writeFileSync(file, 'first')
    const response = await asked(file)
    writeFileSync(file, 'first and second')
    expect(await response.text()).toBe('first')
    expect((await asked(file)).headers.get('etag')).not.toBe(response.headers.get('etag'))
    writeFileSync(file, '')
    expect(await (await asked(file)).text()).toBe('')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
