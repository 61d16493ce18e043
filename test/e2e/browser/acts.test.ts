import { get } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../../runner/commands/serve/routes.ts'
import type { Route } from '../../../runner/commands/serve/routes.ts'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { frames, startActing, untilAsked, untilEnded } from '../../support/servers/acting.ts'
import type { ActingServer, Form } from '../../support/servers/acting.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const approval = '<Approval id="go" title="Go" approvers="bob@example.com" />\n'
const documents = {
  'content/runbooks/one.mdx': page(
    commandStep(
      'tag',
      'echo "tagged $version"; echo x >> tagged',
      '',
      '\n```bash undo\nrm -f tagged\n```\n',
    ) + approval,
    'concurrency: "tag-${{ inputs.version }}"\ninputs:\n  version: { type: semver, fromLabel: release }\n',
  ),
}
const by = { id: 'alice@example.com', host: 'x', via: 'browser' }

let space: Workspace
let server: ActingServer
const runs: string[] = []

beforeAll(async () => {
  space = workspace({ ...documents, ...frames(['one']) })
  server = await startActing(space)
})

afterAll(async () => {
  for (const run of runs) postStop(join(space.root, '.runbook/runs', run), by, '', true)
  await server?.stop()
  space?.[Symbol.dispose]()
})

/** Starts a run from the page of its runbook; its id in the case of its address. */
async function begin(of: ActingServer = server): Promise<string> {
  const form = await of.form('runbooks/one/', 'start/one')
  const { status, headers, text } = await of.post(form, { version: `1.4.${runs.length}`, '~do': 'run' })
  expect(status, text).toBe(303)
  const run = String(headers['location']).split('/').at(-2) ?? ''
  runs.push(run)
  await untilAsked(space, run, 'tag#1/go')
  return run
}

const eventsOf = (run: string): string[] =>
  readRun(join(space.root, '.runbook'), run).events.map(({ type }) => type)

test('a run is started, answered, decided and rolled back by plain forms, and the journal says so', async () => {
  const { text } = await server.send('runbooks/one/?release=1.4.0&severity=high')
  expect(text).toMatch(/from the link[\s\S]*value="1\.4\.0"/)
  const dry = await server.post(await server.form('runbooks/one/', 'start/one'), {
    version: '1.4.0',
    '~do': 'dry',
  })
  expect([dry.status, dry.text]).toEqual([200, expect.stringContaining('Dry run')])
  const wrong = await server.post(await server.form('runbooks/one/', 'start/one'), {
    version: 'x',
    '~do': 'run',
  })
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('expected a version')])

  const run = await begin()
  const shown = await server.send(`runs/${run}/`)
  expect(shown.text).toContain('Run tag?')
  // Before anybody starts another, the page of the runbook says that one is going on, and where.
  const going = (await server.send('runbooks/one/')).text
  expect(going.replaceAll(/\s+/g, ' ')).toMatch(
    new RegExp(
      `A run is going on now</b>: <a href="[^"]*runs/${run}/">.*alice@example.com has the watch, at step <code>tag</code>, <b>it waits`,
    ),
  )
  const refused = await server.post(await server.form(`runs/${run}/`, '/answer'), { answer: 'skip' })
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Write a reason')])
  expect((await server.post(await server.form(`runs/${run}/`, '/answer'), { answer: 'run' })).status).toBe(
    303,
  )
  await untilAsked(space, run, 'go/')

  const own = await server.send(`runs/${run}/`)
  expect(own.text).toContain('nobody approves their own run')
  const bob = await server.another()
  const claim = await server.form(`runs/${run}/`, '/me', bob)
  expect((await server.post(claim, { person: 'bob@example.com' }, bob)).status).toBe(303)
  const decision = await server.form(`runs/${run}/`, '/decide', bob)
  expect((await server.post(decision, { decision: 'approved', reason: 'looks right' }, bob)).status).toBe(303)
  const { events } = await untilEnded(space, run)
  const acts = events.filter(({ actor }) => actor.via === 'browser')
  expect(acts.map(({ type, actor }) => [type, actor.id])).toEqual([
    ['run-started', 'alice@example.com'],
    ['step-confirmed', 'alice@example.com'],
    ['approval-given', 'bob@example.com'],
  ])
  expect(acts[1]?.data['shown']).toContain('echo "tagged $version"')

  const preview = await server.send(`runs/${run}/rollback/`)
  expect(preview.text).toContain('rm -f tagged')
  const back = await server.form(`runs/${run}/rollback/`, '/rollback')
  expect((await server.post(back, {})).status).toBe(422)
  expect(
    (await server.post(await server.form(`runs/${run}/rollback/`, '/rollback'), { reason: 'wrong' })).status,
  ).toBe(303)
  await expect.poll(() => readRun(join(space.root, '.runbook'), run).state.status).toBe('rolled-back')
  expect((await space.runbook(['verify', run])).code).toBe(0)
})

test('a second person takes over the watch and answers; whoever must approve may not', async () => {
  const run = await begin()
  const other = await server.another()
  const claim = async (person: string) =>
    server.post(await server.form(`runs/${run}/`, '/me', other), { person }, other)
  await claim('bob@example.com')
  const before = await server.send(`runs/${run}/`, { cookie: other })
  expect(before.text).toContain('alice@example.com has the watch')
  const only = await server.post(await server.form(`runs/${run}/`, '/watch', other), {}, other)
  expect([only.status, only.text]).toEqual([422, expect.stringContaining('no other person may')])
  expect(eventsOf(run)).toEqual(['run-started'])
  await claim('carol@example.com')
  expect((await server.post(await server.form(`runs/${run}/`, '/watch', other), {}, other)).status).toBe(303)
  await expect.poll(() => eventsOf(run)).toEqual(['run-started', 'run-paused', 'run-resumed'])
  await untilAsked(space, run, 'tag#1/go')
  expect((await server.send(`runs/${run}/`)).text).toContain('carol@example.com has the watch')
  const answer = await server.form(`runs/${run}/`, '/answer', other)
  expect((await server.post(answer, { answer: 'skip', reason: 'tagged by hand' }, other)).status).toBe(303)
  await untilAsked(space, run, 'go/')
  const { events } = readRun(join(space.root, '.runbook'), run)
  expect(events.find(({ type }) => type === 'step-confirmed')?.actor.id).toBe('carol@example.com')
  postStop(join(space.root, '.runbook/runs', run), by, '', false)
})

describe('an act that no page of this server asked for', () => {
  let run: string
  let forms: Record<string, Form>

  beforeAll(async () => {
    run = await begin()
    forms = {
      answer: await server.form(`runs/${run}/`, '/answer'),
      stop: await server.form(`runs/${run}/`, '/stop'),
      person: await server.form(`runs/${run}/`, '/me'),
      rollback: { action: `${server.folder}runs/${run}/rollback`, fields: {} },
      start: await server.form('runbooks/one/', 'start/one'),
    }
  })

  afterAll(() => postStop(join(space.root, '.runbook/runs', run), by, '', false))

  const acts = (Object.entries(routes) as [string, Route][]).filter(
    ([name, { act }]) => act && name !== 'open',
  )

  const pathOf = ({ path }: Route): string =>
    path
      .replace(':run', run)
      .replace(':step', 'go')
      .replace(':person', 'bob@example.com')
      .replace(':slug{.+}', 'one')

  test.each(acts)('is refused and changes nothing: %s', async (name, route) => {
    const before = eventsOf(run)
    const path = server.folder + pathOf(route)
    const own = {
      origin: server.origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
    }
    const fields = {
      ...forms[name]?.fields,
      answer: 'run',
      reason: 'x',
      person: 'eve@example.com',
      '~do': 'run',
    }
    const body = String(new URLSearchParams(fields))
    const attack = async (headers: Record<string, string>, cookie = server.cookie, text = body) =>
      (
        await server.send(path.slice(server.folder.length), {
          method: 'POST',
          body: text,
          cookie,
          headers: { ...own, ...headers },
        })
      ).status
    for (const host of ['evil.example', '127.0.0.1', `127.0.0.1:${new URL(server.origin).port}`])
      expect(await attack({ host }), host).toBe(421)
    for (const origin of ['http://evil.example', 'http://localhost:1', 'null', ''])
      expect(await attack({ origin }), origin).toBe(403)
    for (const site of ['cross-site', 'same-site', 'none'])
      expect(await attack({ 'sec-fetch-site': site }), site).toBe(403)
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', ''])
      expect(await attack({ 'content-type': type }), type).toBe(415)
    expect(await attack({}, '')).toBe(401)
    expect(await attack({}, `${server.cookie}x`)).toBe(401)
    expect(await attack({}, `${server.cookie}; ${server.cookie}`)).toBe(400)
    expect(await attack({}, server.cookie, `${body}&pad=${'x'.repeat(70_000)}`)).toBe(413)
    const read = await server.send(pathOf(route))
    expect([200, 301, 404, 410]).toContain(read.status)
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect((await server.send(pathOf(route), { method, headers: own })).status).toBe(405)
    expect(eventsOf(run)).toEqual(before)
  })

  test('the form of one browser is good in no other, and a made-up token in none', async () => {
    const other = await server.another()
    const before = eventsOf(run)
    for (const [name, form] of Object.entries(forms)) {
      const more = { answer: 'run', reason: 'x', '~do': 'run', version: '1.4.0', person: 'eve@example.com' }
      expect((await server.post(form, more, other)).status, name).toBe(409)
      expect((await server.post(form, { ...more, '~token': 'a.b.c' })).status, name).toBe(409)
    }
    expect(eventsOf(run)).toEqual(before)
  })

  test('no page may be framed, kept or sniffed', async () => {
    for (const path of [`runs/${run}/`, `runs/${run}/rollback/`, 'runbooks/one/']) {
      const { headers } = await server.send(path)
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
      })
    }
  })
})

test('a form that is sent twice, or after the run moved on, does nothing and says why', async () => {
  const run = await begin()
  const [first, second] = [
    await server.form(`runs/${run}/`, '/answer'),
    await server.form(`runs/${run}/`, '/answer'),
  ]
  expect((await server.post(first, { answer: 'run' })).status).toBe(303)
  await untilAsked(space, run, 'go/')
  const before = eventsOf(run)
  for (const form of [first, second]) {
    const late = await server.post(form, { answer: 'run' })
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('The run has moved on')])
  }
  expect(eventsOf(run)).toEqual(before)
  postStop(join(space.root, '.runbook/runs', run), by, '', false)
})

test('a browser follows four runs at once and no more, and hears nothing but JSON', async () => {
  const run = await begin()
  const { hostname, port, host } = new URL(server.origin)
  const path = `${server.folder}runs/${run}/changes`
  const follow = () =>
    new Promise<[number, string]>((done, failed) => {
      const headers = { host, cookie: server.cookie }
      const sent = get({ hostname, port, path, headers, agent: false }, (response) => {
        streams.push(() => response.destroy())
        response.once('data', (bytes: Buffer) => done([response.statusCode ?? 0, String(bytes)]))
      })
      sent.on('error', failed)
    })
  const streams: (() => void)[] = []
  for (let count = 0; count < 4; count++)
    expect(await follow()).toEqual([200, expect.stringMatching(/^data: \{"changed":false\}\n\n$/)])
  expect((await follow())[0]).toBe(429)
  for (const end of streams) end()
  await expect.poll(async () => (await follow())[0]).toBe(200)
  for (const end of streams) end()
  postStop(join(space.root, '.runbook/runs', run), by, '', false)
})

test('of many tabs that answer at once, one answers', async () => {
  const run = await begin()
  const tab = await server.another()
  const forms = await Promise.all(
    Array.from({ length: 20 }, () => server.form(`runs/${run}/`, '/answer', tab)),
  )
  const replies = await Promise.all(forms.map((form) => server.post(form, { answer: 'run' }, tab)))
  expect(replies.filter(({ status }) => status === 303)).toHaveLength(1)
  expect(
    replies.filter(({ status }) => status !== 303).every(({ status }) => status === 409 || status === 429),
  ).toBe(true)
  await untilAsked(space, run, 'go/')
  expect(eventsOf(run).filter((type) => type === 'step-confirmed')).toHaveLength(1)
  postStop(join(space.root, '.runbook/runs', run), by, '', false)
})
