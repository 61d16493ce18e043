import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { files, runFolder } from '../../journal/record/run-store.ts'
import { makeStreams } from './changes.ts'
import type { Room } from './room.ts'

const id = '20261130-081502-one-k3f9'
const minute = 60_000

let state: string
let clock: number
let mayRead: boolean
let bodies: Follower[]

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'runbook-changes-'))
  mkdirSync(runFolder(state, id), { recursive: true })
  writeFileSync(join(runFolder(state, id), files.journal), '{}\n')
  ;[clock, mayRead, bodies] = [0, true, []]
})
afterEach(async () => {
  await Promise.all(bodies.map((body) => body.cancel()))
  rmSync(state, { recursive: true })
})

type Follower = ReadableStreamDefaultReader<Uint8Array>

/** An app whose only route is the stream of a run, for the browser that the request names. */
function streams(): (browser: string) => Promise<{ status: number; body: Follower }> {
  const { follow } = makeStreams(() => clock)
  const app = new Hono()
  app.get('/:browser/:run', (context) => {
    const session = { id: context.req.param('browser'), secret: '', person: undefined, sees: () => true }
    const room = {
      config: { state },
      guard: { folder: '/', admit: async () => (mayRead ? session : new Response('', { status: 404 })) },
      pages: { versionAt: () => Promise.resolve('same') },
    } as unknown as Room
    return follow({ room, context, session, fields: [] })
  })
  return async (browser) => {
    const { status, body } = await app.request(`/${browser}/${id}`)
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    bodies.push(reader)
    return { status, body: reader }
  }
}

/** What a stream says from here to its end. */
async function rest(body: Follower): Promise<string> {
  let text = ''
  for (;;) {
    const { done, value } = await body.read()
    if (done) return text
    text += new TextDecoder().decode(value)
  }
}

test('32 streams are open at once over all browsers, and each that ends makes room for one', async () => {
  const open = streams()
  const browsers = Array.from({ length: 8 }, (_, at) => `browser-${at}`)
  const all = await Promise.all(browsers.flatMap((name) => Array.from({ length: 4 }, () => open(name))))
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 200))
  expect((await open('another')).status).toBe(429)
  await all[7]?.body.cancel()
  await expect.poll(async () => (await open('another')).status).toBe(200)
  expect((await open('yet-another')).status).toBe(429)
})

test('a stream lasts ten minutes and no longer, and the browser opens another', async () => {
  const open = streams()
  const [first, second] = await Promise.all([open('one'), open('one')])
  await Promise.all([open('one'), open('one')])
  expect((await open('one')).status).toBe(429)
  clock = 10 * minute
  expect(await rest(first.body)).toBe('data: {"changed":false}\n\n')
  await rest(second.body)
  expect((await open('one')).status).toBe(200)
})

test('a stream ends when its browser may not read the run any more, and is kept open until then', async () => {
  const { body } = await streams()('one')
  expect(new TextDecoder().decode((await body.read()).value)).toContain('false')
  clock = 16_000
  expect(new TextDecoder().decode((await body.read()).value)).toBe(': still here\n\n')
  ;[clock, mayRead] = [32_000, false]
  expect(await rest(body)).toBe('')
})
