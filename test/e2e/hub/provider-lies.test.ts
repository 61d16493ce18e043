import { afterAll, beforeAll, expect, test } from 'vitest'
import { comeBack, enter, startHub } from '../../support/hub/hub.ts'
import type { Browser, TestHub } from '../../support/hub/hub.ts'
import { client, startFaultyProvider } from '../../support/hub/provider.ts'
import type { Fault, FaultyProvider } from '../../support/hub/provider.ts'
import { teamSpace } from '../../support/hub/team-space.ts'
import type { Workspace } from '../../support/workspace.ts'

let provider: FaultyProvider
let space: Workspace
let hub: TestHub
const now = Math.floor(Date.now() / 1000)

beforeAll(async () => {
  provider = await startFaultyProvider()
  space = teamSpace(provider.issuer)
  hub = await startHub(space)
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  space?.[Symbol.dispose]()
})

test.each<[string, Fault]>([
  ['is signed with another key', { otherKey: true }],
  ['is not signed', { algorithm: 'none' }],
  ['is signed with the secret of the client', { algorithm: 'HS256' }],
  ['is missing', { noIdToken: true }],
  ['is for another sign-in', { claims: { nonce: 'x' } }],
  ['has no nonce', { claims: { nonce: undefined } }],
  ['is for another client', { claims: { aud: 'x' } }],
  ['is for two clients', { claims: { aud: [client.id, 'x'], azp: client.id } }],
  ['was asked for by another client', { claims: { azp: 'x' } }],
  ['is of another issuer', { claims: { iss: 'https://evil.example' } }],
  ['has ended', { claims: { exp: now - 60 } }],
  ['was made tomorrow', { claims: { iat: now + 86_400 } }],
  ['was made last year', { claims: { iat: now - 30_000_000 } }],
  ['tells of a sign-in of last week', { claims: { auth_time: now - 7 * 86_400 } }],
  ['does not tell when the person signed in', { claims: { auth_time: undefined } }],
  ['names nobody', { claims: { sub: '' } }],
  ['comes with another state', { query: { state: 'x' } }],
  ['comes by another provider', { query: { iss: 'https://evil.example' } }],
  ['comes without the issuer that is announced', { query: { iss: '' } }],
  ['is an error', { query: { error: 'access_denied', code: '' } }],
])('nobody is let in when the answer of the provider %s', async (_, fault) => {
  const browser = hub.browser()
  provider.fault = fault
  const { status } = await comeBack(browser, provider)
  provider.fault = {}
  expect([status, browser.cookies.has('__Host-rb')]).toEqual([403, false])
  hub.clock.now = Date.now()
})

test('an honest answer lets in', async () => {
  expect((await (await enter(hub, provider, 'ada')).get('/account/')).status).toBe(200)
})

async function told(token: string, headers: Record<string, string> = {}): Promise<number> {
  const { status } = await hub.send('/backchannel-logout', {
    method: 'POST',
    body: String(new URLSearchParams({ logout_token: token })),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
  return status
}

test('the provider ends the sessions of an account, once for each message', async () => {
  const [ada, ben]: [Browser, Browser] = [
    await enter(hub, provider, 'ada'),
    await enter(hub, provider, 'ben'),
  ]
  const token = await provider.logoutToken({ sub: 'ada' })
  expect(await told(token)).toBe(200)
  expect((await ada.get('/account/')).status).toBe(303)
  expect((await ben.get('/account/')).status).toBe(200)
  expect(await told(token)).toBe(400)
})

test.each<[string, Record<string, unknown>]>([
  ['for another client', { aud: 'x' }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['with a nonce, as an ID token has one', { nonce: 'x' }],
  ['without the event', { events: {} }],
  ['that names nobody', { sub: undefined }],
  ['of yesterday', { iat: now - 86_400 }],
])('a message of a logout %s ends nothing', async (_, claims) => {
  const browser = await enter(hub, provider, 'ada')
  expect(await told(await provider.logoutToken({ jti: JSON.stringify(claims), ...claims }))).toBe(400)
  expect((await browser.get('/account/')).status).toBe(200)
})
