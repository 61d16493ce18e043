import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HttpRequest } from '../../kinds/kind.ts'
import { mayHaveArrived, sendRequest } from './send-request.ts'
import { problemOf } from '../../model/problem.ts'

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url, [Symbol.dispose]: stop }
}

const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 60_000,
  ...more,
})
const { signal } = new AbortController()

test('a redirect is an answer unless the step follows it', async () => {
  using site = await serve((asked, response) => {
    if (asked.url === '/new') response.end('here')
    else response.writeHead(302, { location: '/new' }).end()
  })
  expect(await sendRequest(request(site.url), undefined, signal)).toMatchObject({
    ok: true,
    value: { status: 302 },
  })
  const followed = await sendRequest(request(site.url, { redirects: 1 }), undefined, signal)
  expect(followed).toMatchObject({ ok: true, value: { status: 200, text: 'here' } })
})

test('credentials do not follow a redirect to another origin', async () => {
  const seen: (string | undefined)[] = []
  using other = await serve((asked, response) => {
    seen.push(asked.headers.authorization, asked.headers['accept'])
    response.end()
  })
  using site = await serve((_, response) => response.writeHead(302, { location: other.url }).end())
  const headers = { authorization: 'Bearer abc', accept: 'text/plain' }
  await sendRequest(request(site.url, { redirects: 3, headers }), undefined, signal)
  expect(seen).toEqual([undefined, 'text/plain'])
})

test('a body over the limit is cut and said to be', async () => {
  using site = await serve((_, response) => response.end('x'.repeat(5000)))
  const answer = await sendRequest(request(site.url, { maxBytes: 1000 }), undefined, signal)
  expect(answer).toMatchObject({ ok: true, value: { cut: true, text: 'x'.repeat(1000) } })
})

test('a request that writes and gets no answer is unknown, and one that never arrived is an error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-'))
  try {
    using site = await serve(() => {})
    const writing = { method: 'POST', timeoutMs: 100 }
    expect(await sendRequest(request(site.url, writing), join(folder, 'a'), signal)).toMatchObject({
      problem: { code: 'unknown', message: expect.stringContaining('it timed out') },
    })
    expect(await sendRequest(request(site.url, writing), join(folder, 'a'), signal)).toMatchObject({
      problem: { code: 'unknown', message: 'the request may have been sent before the runner ended' },
    })
    site[Symbol.dispose]()
    const refused = await sendRequest(request(site.url, { method: 'POST' }), join(folder, 'b'), signal)
    expect(refused).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining('had no answer') },
    })
    expect(refused).not.toHaveProperty('problem.code')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a request that cannot be made was never sent, and is an error though it writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-'))
  try {
    const headers = { 'x-name': 'Zoë’s' }
    const writing = request('http://127.0.0.1:9/', { method: 'POST', headers })
    const answer = await sendRequest(writing, join(folder, 'claim'), signal)
    expect(problemOf(answer)).toContain('cannot be sent')
    expect(existsSync(join(folder, 'claim'))).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([
  ['ECONNREFUSED', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
  ['CERT_HAS_EXPIRED', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', true],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ['ECONNRESET', true],
  ['UND_ERR_SOCKET', true],
  [undefined, true],
])('a request that writes and fails with %s may have arrived: %s', (code, arrived) => {
  expect(mayHaveArrived(code)).toBe(arrived)
})
