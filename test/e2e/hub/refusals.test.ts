import { afterAll, beforeAll, expect, test } from 'vitest'
import { enter, startHub } from '../../support/hub/hub.ts'
import type { Browser, TestHub } from '../../support/hub/hub.ts'
import { hubOrigin, startFaultyProvider } from '../../support/hub/provider.ts'
import type { FaultyProvider } from '../../support/hub/provider.ts'
import { teamSpace } from '../../support/hub/team-space.ts'
import type { Workspace } from '../../support/workspace.ts'

let provider: FaultyProvider
let space: Workspace
let hub: TestHub
let ada: Browser

const navigates = { 'sec-fetch-mode': 'navigate' }

beforeAll(async () => {
  provider = await startFaultyProvider()
  space = teamSpace(provider.issuer)
  hub = await startHub(space)
  ada = await enter(hub, provider, 'ada')
})

afterAll(async () => {
  await hub?.close()
  await provider?.close()
  space?.[Symbol.dispose]()
})

test('a refusal is a page with a way back for a person, and bare text for a script', async () => {
  const referer = `${hubOrigin}/runbooks/release-app/?version=1.0.0`
  const page = await ada.get('/runs/gone/', { ...navigates, referer })
  expect(page.status).toBe(404)
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.text).toContain('href="/runbooks/release-app/?version=1.0.0"')
  expect(
    (await ada.get('/runs/gone/', { ...navigates, referer: 'https://evil.example/' })).text,
  ).not.toContain('evil')
  expect((await ada.get('/runs/gone/')).text).toBe('There is no such page\n')
})

test('an act without a session leads to the sign-in and back, and a script gets the status', async () => {
  const nobody = hub.browser()
  const referer = `${hubOrigin}/runbooks/release-app/`
  const act = await nobody.post('/start/release-app', {}, { ...navigates, referer })
  expect(act.status).toBe(401)
  expect(act.text).toContain('href="/login?next=%2Frunbooks%2Frelease-app%2F"')
  expect((await nobody.get('/runs/', { 'sec-fetch-mode': 'cors' })).status).toBe(401)
  expect((await nobody.get('/runs/', navigates)).status).toBe(303)
})

test('the sign-in of a page goes on with the fragment of its address, and to no other site', async () => {
  const first = await hub.browser().get('/login?next=%2Frunbooks%2Frelease-app%2F', navigates)
  expect(first.status).toBe(200)
  expect(first.text).toContain('location.hash')
  const evil = await hub.browser().get('/login?next=%2F%2Fevil.example%2F%22%3E', navigates)
  expect(evil.text).not.toContain('evil')
})
