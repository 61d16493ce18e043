import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { passkeyFromSpki, passkeyLine, wrapAssertion } from '../../../runner/engine/sign/passkey.ts'
import { passkeysOf } from '../../../runner/engine/sign/security-keys.ts'
import { signatureChecker } from '../../../runner/engine/sign/ssh-keygen.ts'
import { listen } from '../../../runner/http/listen.ts'
import type { Listening } from '../../../runner/http/listen.ts'
import { signingApp } from '../../../runner/http/signing-app.ts'
import type { Signed } from '../../../runner/http/signing-app.ts'
import { namespaces } from '../../../runner/journal/verify/evidence.ts'
import { presenceOf } from '../../../runner/journal/verify/signed-presence.ts'
import { failure, orThrow, success } from '../../../runner/model/problem.ts'
import type { EnrolRequest, SigningRequest } from '../../../runner/model/people/signing-request.ts'
import { launch } from '../../site/support/browser.ts'
import { authenticator } from '../../support/passkey.ts'
import type { Authenticator } from '../../support/passkey.ts'

const root = mkdtempSync(join(tmpdir(), 'signing-'))
const signers = join(root, 'allowed_signers')
const bob = 'bob@example.com'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let browser: Browser
let page: Page
let device: Authenticator
let server: Listening
let origin: string
let asked: SigningRequest | EnrolRequest | undefined
let taken: Signed | undefined

beforeAll(async () => {
  browser = await launch()
  page = await browser.newPage()
  device = await authenticator(page)
  server = await listen(
    ({ port }) => {
      origin = `http://localhost:${port}`
      const app = signingApp({
        origin,
        ask: async () => asked,
        take: async (signed) => {
          taken = signed
          return signed.text.includes('"reason":"no"') ? failure('Not believed') : success('Signed')
        },
      })
      return new Hono().route('/runs/:run/decide', app)
    },
    '127.0.0.1',
    0,
  )
  asked = { title: 'A passkey', shown: 'It will sign.', namespace: namespaces.approval, by: bob }
  await page.goto(address())
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Signed', { exact: true }).waitFor()
  const { credential, spki = '', text } = taken!
  const key = orThrow(passkeyFromSpki(Buffer.from(spki, 'base64url'), 'localhost'))
  expect(JSON.parse(text)).toMatchObject({ purpose: 'enrol', by: bob, key: key.toString('base64') })
  writeFileSync(signers, `${passkeyLine(bob, [namespaces.approval], { key, credential })}\n`)
})

beforeEach(async () => {
  asked = request('Ship 1.4.0 to everybody?')
  taken = undefined
  await device.touch(true)
  await device.verify(true)
})

afterAll(async () => {
  await browser.close()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

function address(): string {
  return `${origin}/runs/20261130-x/decide`
}

function request(shown: string, more: Partial<SigningRequest> = {}): SigningRequest {
  return {
    title: 'Go or no-go',
    shown,
    facts: [['Run', '20261130-x']],
    namespace: namespaces.approval,
    draft: {
      v: 1,
      shownSha256: sha256(shown),
      nonce: 'é\u2028</script><!--',
      head: { size: 3, sha256: 'ab' },
    },
    choices: [
      { label: 'Approve', members: { decision: 'approved' }, reason: 'optional', tone: 'ok' },
      { label: 'Reject', members: { decision: 'rejected' }, reason: 'required', tone: 'bad' },
    ],
    passkeys: [credentialOf(bob)],
    verified: true,
    ...more,
  }
}

function credentialOf(person: string): string {
  return passkeysOf({ signers }, person, 'localhost', Date.now())[0]?.credential ?? ''
}

async function decide(choice: 'Approve' | 'Reject', reason = ''): Promise<string> {
  await page.goto(address())
  await page.getByLabel('Reason').fill(reason)
  await page.getByRole('button', { name: choice }).click()
  return statusOf(page)
}

/** The words of the page once it waits for nobody. */
async function statusOf(of: Page): Promise<string> {
  const settled = of.locator('#status[data-tone]:not([data-tone=""])')
  return (await settled.textContent()) ?? ''
}

test('a signature that does not reach the server is sent again', async () => {
  let posts = 0
  const lose = (route: Route): Promise<void> =>
    route.request().method() === 'POST' && posts++ === 0 ? route.abort() : route.continue()
  await page.goto(address())
  await page.route(address(), lose)
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('the server does not answer').waitFor()
  await page.getByText('Signed', { exact: true }).waitFor()
  await page.unroute(address(), lose)
  expect(posts).toBe(2)
})

test('a passkey signs what the page shows, and ssh-keygen finds the signature good', async () => {
  expect(await decide('Approve', 'I read it')).toBe('Signed')
  const { text, credential, assertion } = taken!
  expect(JSON.parse(text)).toMatchObject({
    decision: 'approved',
    reason: 'I read it',
    v: 1,
    head: { size: 3 },
  })
  const [passkey] = passkeysOf({ signers }, bob, 'localhost', Date.now())
  expect(credential).toBe(passkey?.credential)
  const signature = orThrow(wrapAssertion(passkey!.key, namespaces.approval, assertion))
  expect(presenceOf(signature)).toEqual({ level: 'verified', place: 'own', origin })
  const judge = signatureChecker({ signers }, process.env)
  const at = new Date().toISOString()
  const about = { principal: bob, namespace: namespaces.approval, signature, at }
  expect(judge({ ...about, message: text })).toBeUndefined()
  expect(judge({ ...about, message: `${text} ` })).toBeTypeOf('string')
  expect(judge({ ...about, message: text, namespace: namespaces.head })).toBeTypeOf('string')
})

test('an answer that is not believed is said, and the page stays to try again', async () => {
  expect(await decide('Approve', 'no')).toBe('Not believed\n')
  await page.getByLabel('Reason').fill('yes')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Signed', { exact: true }).waitFor()
})

test('a rejection without a reason is not signed', async () => {
  expect(await decide('Reject')).toBe('Write the reason first.')
  expect(taken).toBeUndefined()
})

test('a text whose digest is not that of the statement is neither shown nor offered', async () => {
  asked = request('Ship it?', { draft: { v: 1, shownSha256: sha256('Try it?') } })
  await page.goto(address())
  expect(await statusOf(page)).toContain('not the one that was asked about')
  expect(await page.locator('#shown').textContent()).toBe('')
  expect(await page.getByRole('button', { disabled: false }).count()).toBe(0)
})

test('markup in a text is shown, and characters that hide or turn others are shown by number', async () => {
  asked = request('</script><b onclick="x">Ship</b>\n\ttab\u202e\u0000')
  await page.goto(address())
  expect(await page.locator('#shown').textContent()).toBe(
    '</script><b onclick="x">Ship</b>\n\ttabU+202EU+0000',
  )
  expect(await decide('Approve')).toBe('Signed')
})

test('a click without a touch signs nothing', async () => {
  await device.touch(false)
  await page.goto(address())
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Touch your security key').waitFor()
  // The device never answers; leaving the page ends the question.
  await page.goto('about:blank')
  expect(taken).toBeUndefined()
})

test('a device that does not know who touches it does not sign where presence is verified', async () => {
  await device.verify(false)
  expect(await decide('Approve')).toContain('Nothing was signed')
  expect(taken).toBeUndefined()
})

test('the page is in no frame of another page', async () => {
  const framing = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<iframe src="${address()}" allow="publickey-credentials-get *"></iframe>`)
  })
  await new Promise<void>((done) => framing.listen(0, '127.0.0.1', done))
  try {
    await page.goto(`http://localhost:${(framing.address() as AddressInfo).port}/`, { waitUntil: 'load' })
    expect(await page.frames()[1]?.getByRole('button').count()).toBe(0)
  } finally {
    framing.closeAllConnections()
    framing.close()
  }
})

test('only the page itself answers, and only under its own name', async () => {
  const own = { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  const post = (headers: Record<string, string>, body = '{}') => send(address(), 'POST', headers, body)
  expect(await post({})).toBe(403)
  expect(await post({ ...own, origin: 'http://evil.example.com' })).toBe(403)
  expect(await post({ ...own, 'sec-fetch-site': 'same-site' })).toBe(403)
  expect(await post(own)).toBe(400)
  expect(await post(own, JSON.stringify({ text: 'x'.repeat(70_000) }))).toBe(413)
  expect(await send(address().replace('localhost', '127.0.0.1'), 'GET')).toBe(421)
  expect(await send(address(), 'PUT')).toBe(405)
  asked = undefined
  expect(await send(address(), 'GET')).toBe(410)
})

/** The status of a request with any header; a browser would not let a page set these. */
async function send(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<number> {
  const { request: ask } = await import('node:http')
  return new Promise((resolve, reject) => {
    const sent = ask(url, { method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
