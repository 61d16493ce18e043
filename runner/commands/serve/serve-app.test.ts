import { expect, test } from 'vitest'
import { makeAccess } from '../../http/access.ts'
import { makeFormTokens } from '../../http/form-tokens.ts'
import { laptopGuard } from '../../http/laptop-guard.ts'
import { routes } from './routes.ts'
import type { Route } from './routes.ts'
import { unsignedInMemory } from './room.ts'
import type { Room } from './room.ts'
import { serveApp } from './serve-app.ts'

function appOf(): { app: ReturnType<typeof serveApp>; folder: string } {
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
  return { app, folder: access.folder }
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
