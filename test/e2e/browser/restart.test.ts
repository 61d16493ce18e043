import { join } from 'node:path'
import { expect, test } from 'vitest'
import { postStop } from '../../../runner/engine/people/stop-requests.ts'
import { readRun } from '../../../runner/journal/record/run-store.ts'
import { start } from '../../support/live.ts'
import { frames, startActing, untilAsked, untilEnded } from '../../support/servers/acting.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const two = page(
  commandStep('first', 'echo x >> first; sleep 0.5') + commandStep('second', 'echo x >> second'),
)

test('a server that is killed loses no run and repeats no step; its forms are good in no other server', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': two, ...frames(['one']) })
  const server = await startActing(space)
  const { headers } = await server.post(await server.form('runbooks/one/', 'start/one'), { '~do': 'run' })
  const run = String(headers['location']).split('/').at(-2) ?? ''
  await untilAsked(space, run, 'first#1/go')
  const form = await server.form(`runs/${run}/`, '/answer')
  expect((await server.post(form, { answer: 'run' })).status).toBe(303)
  await server.stop('SIGKILL')
  await untilAsked(space, run, 'second#1/go')

  const next = await startActing(space)
  const old = { ...form, action: form.action.replace(server.folder, next.folder) }
  expect((await next.post(old, { answer: 'run' })).status).toBe(409)
  // The page that was open when the server ended says what became of the answer.
  const late = await next.post(form, { answer: 'run' }, server.cookie)
  expect([late.status, late.text]).toEqual([
    401,
    expect.stringMatching(/^Nothing was done: .* started again/),
  ])
  expect((await next.post(await next.form(`runs/${run}/`, '/answer'), { answer: 'run' })).status).toBe(303)
  const { events, state } = await untilEnded(space, run)
  expect(state.status).toBe('succeeded')
  expect(events.filter(({ type }) => type === 'step-started').map(({ key }) => key)).toEqual([
    'first#1',
    'second#1',
  ])
  expect((await space.runbook(['verify', run])).code).toBe(0)
  await next.stop()
})

test('a runner that is killed at a question is resumed from the page, and asks it again', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': two, ...frames(['one']) })
  const server = await startActing(space)
  const live = start(space.root, ['exec', 'one', '--remote', '--json'])
  const { run } = JSON.parse(await live.line('run-started')) as { run: string }
  await untilAsked(space, run, 'first#1/go')
  const { text } = await server.send(`runs/${run}/`)
  expect(text).toContain('Run first?')
  live.child.kill('SIGKILL')
  await live.ended
  await expect
    .poll(async () => (await server.send(`runs/${run}/`)).text)
    .toContain('No process drives the run')
  expect((await server.post(await server.form(`runs/${run}/`, '/resume'))).status).toBe(303)
  await expect
    .poll(async () => (await server.send(`runs/${run}/`)).text)
    .toMatch(/name="answer"\s+value="run"/)
  const stop = await server.form(`runs/${run}/`, '/stop')
  expect((await server.post(stop)).status).toBe(303)
  await expect.poll(() => readRun(join(space.root, '.runbook'), run).events.at(-1)?.type).toBe('run-paused')
  await server.stop()
})

test('exec --serve prints an address where the same run is followed and answered', async () => {
  const site = Object.fromEntries(Object.entries(frames([])).map(([path, text]) => [`dist/${path}`, text]))
  using space = workspace({ 'content/runbooks/one.mdx': two, ...site })
  const live = start(space.root, ['exec', 'one', '--serve', '--remote'])
  const address = new URL(/http\S+/.exec(await live.line('Follow and answer'))?.[0] ?? '')
  const own = { origin: address.origin, 'content-type': 'application/x-www-form-urlencoded' }
  const opened = await fetch(address, {
    method: 'POST',
    headers: own,
    body: `token=${address.hash.slice(1)}`,
    redirect: 'manual',
  })
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const location = opened.headers.get('location') ?? ''
  expect(location).toMatch(/\/runs\/[\w-]+\/$/)
  const shown = await fetch(new URL(location, address), { headers: { cookie } })
  expect(await shown.text()).toContain('Run first?')
  const run = location.split('/').at(-2) ?? ''
  postStop(
    join(space.root, '.runbook/runs', run),
    { id: 'alice@example.com', host: 'x', via: 'browser' },
    '',
    false,
  )
  expect((await live.ended).code).toBe(130)
})

test('exec --serve without a built site runs nothing', async () => {
  using space = workspace({ 'content/runbooks/one.mdx': two })
  const { code, stderr } = await space.runbook(['exec', 'one', '--serve'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('There is no built site')])
})
