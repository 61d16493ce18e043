import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun, runFolder } from '../../../runner/journal/record/run-store.ts'
import { frames, startActing, untilAsked } from '../../support/servers/acting.ts'
import type { ActingServer } from '../../support/servers/acting.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

let space: Workspace
let server: ActingServer
let run: string

beforeAll(async () => {
  const steps =
    commandStep('tag', 'echo tagged') + '<Approval id="go" title="Go" approvers="bob@example.com" />\n'
  space = workspace({ 'content/runbooks/one.mdx': page(steps), ...frames(['one']) })
  server = await startActing(space)
  const started = await server.post(await server.form('runbooks/one/', 'start/one'), { '~do': 'run' })
  run = String(started.headers['location']).split('/').at(-2) ?? ''
  await untilAsked(space, run, 'tag#1/go')
})

afterAll(async () => {
  const by = { id: 'alice@example.com', host: 'x', via: 'browser' }
  if (run) postStop(runFolder(join(space.root, '.runbook'), run), by, '', true)
  await server?.stop()
  space?.[Symbol.dispose]()
})

const own = () => ({
  origin: server.origin,
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/x-www-form-urlencoded',
})
const eventsOf = () => readRun(join(space.root, '.runbook'), run).events

test('names that a proxy forwards count for nothing', async () => {
  const forwarded = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  }
  const shown = await server.send(`runs/${run}/`, { headers: forwarded })
  expect([shown.status, shown.text.includes('evil.example')]).toEqual([200, false])
  const { host } = new URL(server.origin)
  const hidden = await server.send('', { headers: { host: 'evil.example', 'x-forwarded-host': host } })
  expect(hidden.status).toBe(421)
})

test('no other site is told that it may read, and no connection is upgraded', async () => {
  const asked = await server.send(`runs/${run}/answer`, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(asked.status).toBe(405)
  const read = await server.send(`runs/${run}/`, { headers: { origin: 'http://evil.example' } })
  for (const { headers } of [asked, read])
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])

  const { hostname, port, host } = new URL(server.origin)
  const socket = connect(Number(port), hostname)
  const lines = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==',
  ]
  socket.write(
    [
      `GET ${server.folder}runs/${run}/changes HTTP/1.1`,
      `Host: ${host}`,
      `Cookie: ${server.cookie}`,
      ...lines,
      '',
      '',
    ].join('\r\n'),
  )
  const first = await new Promise<string>((done) =>
    socket.once('data', (bytes: Buffer) => done(String(bytes))),
  )
  expect(first).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
})

test('a form of very many fields, and JSON of very many levels, do nothing, and others are answered', async () => {
  const before = eventsOf().length
  const fields = `${'answer=run&'.repeat(4000)}${'a&'.repeat(8000)}`
  const form = await server.form(`runs/${run}/`, '/answer')
  const many = await server.send(`runs/${run}/answer`, { method: 'POST', body: fields, headers: own() })
  // None of them is the token of the form.
  expect(many.status).toBe(409)
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  for (const path of [`runs/${run}/sign/go/bob%40example.com`, `runs/${run}/attest`, `runs/${run}/answer`]) {
    const json = { ...own(), 'content-type': 'application/json' }
    const { status } = await server.send(path, { method: 'POST', body: deep, headers: json })
    expect([400, 404, 409, 410], path).toContain(status)
  }
  expect(eventsOf()).toHaveLength(before)
  expect((await server.send(`runs/${run}/`)).status).toBe(200)
  // Fields that the act has no use for take nothing away from it.
  expect((await server.post(form, { answer: 'stop', '~stop': 'stop', x: 'y'.repeat(30_000) })).status).toBe(
    303,
  )
})

test('an id leads to a run of the list, or nowhere', async () => {
  const ids = [
    '..',
    '%2e%2e',
    '..%2f..%2fetc',
    `${run}%00`,
    `${run}%2f..%2f${run}`,
    'a'.repeat(4000),
    '%ff',
    'nul',
    '__proto__',
  ]
  for (const id of ids) {
    const { status } = await server.send(`runs/${id}/answer`, {
      method: 'POST',
      body: 'answer=run',
      headers: own(),
    })
    expect([400, 404, 405], id).toContain(status)
  }
})

test('of many browsers that try codes, most are told to wait', async () => {
  const door = `${server.folder.replace(/~[^/]*\/$/, '')}~open/`
  const tries = await Promise.all(
    Array.from({ length: 14 }, () => server.post({ action: door, fields: { token: 'AAAAA-AAAAA' } }, {}, '')),
  )
  const statuses = tries.map(({ status }) => status)
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10)
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(4)
})
