import { spawn, spawnSync } from 'node:child_process'
import { type Socket, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readIncidents } from '../../runner/status/read-incidents.ts'
import { letters } from '../../scripts/programs/notify/outbox.ts'
import { publish } from '../../scripts/adapters/redis.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, get, runScript, startScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

const program = process.env['REDIS_SERVER'] ?? 'redis-server'
const isInstalled = spawnSync(program, ['--version']).status === 0
let dir: string
let redis: { url: string; stop(): void }
let page: { text: string; close(): void }

beforeAll(async () => {
  dir = await tempDir()
  redis = isInstalled ? await realRedis() : await standIn()
  const toasts = startScript('toasts.ts', ['--redis', redis.url, '--port', '0'])
  page = await listener(await toasts.says(/http:\S+(?=\s)/))
})
afterAll(async () => {
  page?.close()
  redis?.stop()
  await cleanUp()
})

/** The program of the system's package, with nothing on disk. */
async function realRedis(): Promise<typeof redis> {
  const { port, close } = await freePort()
  await close()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir]
  const child = spawn(program, [...args, '--requirepass', 'pass word'])
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`Redis ended: ${text}`)
    return text.includes('Ready to accept') || undefined
  }, patienceMs)
  return { url: `redis://:pass%20word@127.0.0.1:${port}`, stop: () => child.kill() }
}

async function freePort(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** The two commands in use, as Redis answers them; for machines without it. */
async function standIn(): Promise<typeof redis> {
  const listening = new Set<Socket>()
  const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`
  const server = createServer((socket) => {
    let text = ''
    socket.on('error', () => socket.destroy())
    socket.on('close', () => listening.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const [, words] = /^\*\d+\r\n([\s\S]*)$/.exec(text) ?? []
      const parts = [...(words ?? '').matchAll(/\$(\d+)\r\n([\s\S]*?)\r\n/g)].map(([, , word]) =>
        Buffer.from(word ?? '', 'latin1').toString(),
      )
      text = ''
      if (parts[0] === 'SUBSCRIBE') {
        listening.add(socket)
        socket.write(`*3\r\n${bulk('subscribe')}${bulk(parts[1] ?? '')}:1\r\n`)
      } else {
        for (const one of listening)
          one.write(`*3\r\n${bulk('message')}${bulk(parts[1] ?? '')}${bulk(parts[2] ?? '')}`)
        socket.write(`:${listening.size}\r\n`)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = (): void => {
    server.close()
    for (const socket of listening) socket.destroy()
  }
  return { url: `redis://127.0.0.1:${port}`, stop }
}

/** An open page: what it was sent so far. */
async function listener(url: string): Promise<typeof page> {
  const stop = new AbortController()
  const response = await fetch(url, { signal: stop.signal })
  const self = { text: '', close: () => stop.abort() }
  void (async () => {
    for await (const chunk of response.body ?? []) self.text += Buffer.from(chunk).toString()
  })().catch(() => undefined)
  return self
}

async function run(script: string, args: string[], url = redis.url): Promise<Ran> {
  const before = { ...process.env }
  Object.assign(process.env, { REDIS_URL: url, NOTIFY_OUTBOX: join(dir, 'outbox') })
  const { ended } = startScript(script, args)
  process.env = before
  return await ended
}

const toast = (event: string, url?: string): Promise<Ran> => {
  const words = ['--template', 'resolved', '--var', 'component=Größe']
  return run('notify.ts', ['send', '--event', event, '--channel', 'toast', ...words], url)
}

const shown = (): { id: string; text: string }[] =>
  [...page.text.matchAll(/^data: (.*)$/gm)].map(
    ([, text]) => JSON.parse(text ?? '') as { id: string; text: string },
  )

test('an open page hears each change of the status once, however often it is sent', async () => {
  await toast('INC-1-resolved')
  await Promise.all([toast('INC-1-resolved'), toast('INC-1-resolved')])
  await toast('INC-2-resolved')
  await expect.poll(() => shown().length).toBeGreaterThanOrEqual(2)
  expect(shown().map(({ text }) => text)).toEqual(
    Array.from({ length: 2 }, () => 'The problem with Größe is over. Everything works as it should.'),
  )
  const [first] = shown()
  expect(letters(join(dir, 'outbox')).map(({ id }) => id)).toContain(first?.id)
  // A copy by somebody else, then one that is new, so that it is known when the copy would have arrived.
  await publish(redis.url, 'toasts', JSON.stringify(first))
  await publish(redis.url, 'toasts', JSON.stringify({ id: 'last', text: 'the end' }))
  await expect.poll(() => shown().map(({ id }) => id)).toContain('last')
  expect(
    shown()
      .map(({ id }) => id)
      .filter((id) => id === first?.id),
  ).toHaveLength(1)
})

test('each update of the status page is such a change; a repeated command and a practice are none', async () => {
  mkdirSync(join(dir, 'status/incidents'), { recursive: true })
  copyFileSync('content/status/components.yml', join(dir, 'status/components.yml'))
  const say = (...args: string[]) => run('status-page.ts', [...args, '--dir', join(dir, 'status')])
  const create = ['--status', 'investigating', '--component', 'api', '--message', 'We look.', '--key', 'k']
  await say(...create)
  await say(...create)
  await say('--status', 'investigating', '--component', 'api', '--message', 'Practice.', '--drill')
  const { id } = readIncidents(join(dir, 'status')).find(({ drill }) => !drill) ?? expect.fail('no incident')
  await say('--incident-id', id, '--action', 'resolve', '--message', 'It is over.')
  await expect.poll(() => shown().map(({ text }) => text)).toContain('It is over.')
  expect(
    shown()
      .map(({ text }) => text)
      .slice(-2),
  ).toEqual(['We look.', 'It is over.'])
})

test('an incident in a folder that was made anew is told, although its number and its text were told before', async () => {
  const folder = join(dir, 'anew')
  const create = async (): Promise<string> => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(join(folder, 'incidents'), { recursive: true })
    copyFileSync('content/status/components.yml', join(folder, 'components.yml'))
    const args = ['--status', 'investigating', '--component', 'api', '--message', 'Told anew.']
    const ran = await run('status-page.ts', [...args, '--dir', folder])
    expect(ran.code, ran.stderr).toBe(0)
    return readIncidents(folder)[0]?.id ?? expect.fail('no incident')
  }
  const [first, second] = [await create(), await create()]
  expect(second).toBe(first)
  await publish(redis.url, 'toasts', JSON.stringify({ id: 'after-anew', text: 'the end' }))
  await expect.poll(() => shown().map(({ id }) => id)).toContain('after-anew')
  expect(shown().filter(({ text }) => text === 'Told anew.')).toHaveLength(2)
})

test('without Redis the message waits, and nothing fails', async () => {
  const { port, close } = await freePort()
  await close()
  const ran = await toast('INC-3-resolved', `redis://:hidden-word@127.0.0.1:${port}`)
  expect(ran.code).toBe(0)
  expect(ran.stdout).toContain('✕ NOT SENT toast')
  expect(ran.stdout + ran.stderr).not.toContain('hidden-word')
})

test('an address that asks for TLS is refused before anything is sent there', async () => {
  const ran = await runScript('toasts.ts', '--redis', 'rediss://:hidden-word@127.0.0.1:1')
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('rediss:// is not supported')])
  expect(ran.stderr).not.toContain('hidden-word')
})

test('a request that is not an address is answered, and a port that is taken is named', async () => {
  const first = startScript('toasts.ts', ['--redis', redis.url, '--port', '0'])
  const { origin, port } = new URL(await first.says(/http:\S+(?=\s)/))
  expect((await get(`${origin}//`)).status).toBe(404)
  for (const [script, ...args] of [
    ['toasts.ts', '--redis', redis.url],
    ['database.ts', 'watch'],
  ] as const) {
    const second = await runScript(script, ...args, '--port', port)
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringContaining(`error: Port ${port} cannot be used`),
    ])
    expect(second.stderr).not.toContain('    at ')
  }
})
