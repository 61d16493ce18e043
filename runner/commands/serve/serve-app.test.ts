import { expect, test } from 'vitest'
import { makeAccess } from '../../http/access.ts'
import { makeFormTokens } from '../../http/form-tokens.ts'
import { laptopGuard } from '../../http/laptop-guard.ts'
import { routes } from './routes.ts'
import type { Route } from './routes.ts'
import { unsignedInMemory } from './room.ts'
import type { Room } from './room.ts'
import { serveApp } from './serve-app.ts'

function appOf(): { app: ReturnType<typeof serveApp>; folder: string; cookie: string } {
  const access = makeAccess({ base: '/', port: 1 })
  const never = (): never => {
    throw new Error('No act was asked for')
  }
  const room = {
    base: '/',
    origin: 'http://localhost:1',
    guard: laptopGuard(access),
    tokens: makeFormTokens(),
    isHub: false,
    unsigned: unsignedInMemory(),
    home: () => '',
  }
  const acting = { pages: { answer: never, runFor: never, framed: never, versionAt: never }, acting: never }
  const app = serveApp({ ...room, ...acting, config: {}, io: {} } as unknown as Room, access, {
    answer: never,
  })
  const opened = access.open(access.code())
  const [cookie = ''] = 'cookie' in opened ? opened.cookie.split(';') : []
  return { app, folder: access.folder, cookie }
}

test('the app has the routes of the table and no others', () => {
  const { app, folder } = appOf()
  const ofApp = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(
      ({ method, path }) =>
        `${method} ${path
          .replace(folder, '')
          .replace(/^\//, '')
          .replace(/(?<=:person|attest)\/$/, '')}`,
    )
  const ofTable = Object.values<Route>(routes).map(({ method, path }) => `${method} ${path}`)
  expect(new Set(ofApp)).toEqual(new Set(ofTable))
})

test('every route that is read changes nothing, and every act is a POST', () => {
  for (const { method, act } of Object.values<Route>(routes)) expect(act).toBe(method === 'POST')
})

const navigation = { host: 'localhost:1', 'sec-fetch-mode': 'navigate' }

test('a browser that asks for a page reads a refusal as a page with a way on, and a program as text', async () => {
  const { app, folder } = appOf()
  const form = {
    method: 'POST',
    headers: {
      ...navigation,
      origin: 'http://localhost:1',
      'content-type': 'application/x-www-form-urlencoded',
    },
  }
  const ask = async (path: string, init: RequestInit): Promise<[number, string]> => {
    const answer = await app.request(`http://localhost:1${path}`, init)
    return [answer.status, await answer.text()]
  }
  const [status, page] = await ask(`${folder}no-such-act`, form)
  expect(status).toBe(405)
  expect(page).toContain('<h1>Nothing was done</h1>')
  expect(page).toContain('<p>This page is read, or has another act</p>')
  expect(page).toContain(`<a class="button" href="${folder}">To the runbooks</a>`)
  const { 'sec-fetch-mode': _, ...headers } = form.headers
  expect(await ask(`${folder}no-such-act`, { ...form, headers })).toEqual([
    405,
    'This page is read, or has another act\n',
  ])
})

test('a page that is not there, and one that fails, are refused as pages', async () => {
  const { app, folder, cookie } = appOf()
  const headers = { ...navigation, cookie }
  for (const [path, status, title] of [
    ['a//b', 404, 'There is no such page'],
    ['runs/x/', 500, 'The page failed'],
  ] as const) {
    const answer = await app.request(`http://localhost:1${folder}${path}`, { headers })
    expect([answer.status, await answer.text()]).toEqual([
      status,
      expect.stringContaining(`<h1>${title}</h1>`),
    ])
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  }
})

test('a refusal outside the folder of the server does not tell the folder', async () => {
  const { app, folder } = appOf()
  const answer = await app.request('http://localhost:1/me', { method: 'POST', headers: navigation })
  const page = await answer.text()
  expect([answer.status, page]).toEqual([403, expect.stringContaining('href="/~open/"')])
  expect(page).not.toContain(folder)
})
