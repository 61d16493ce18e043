import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flagEvaluator } from '../../runner/flags/flag-evaluator.ts'
import { openFlags } from '../../runner/flags/open-flags.ts'
import type { OpenedFlags } from '../../runner/flags/open-flags.ts'
import { redisCache, redisKey } from '../../runner/flags/redis-cache.ts'
import { anotherPort } from '../../scripts/lab/servers/ports.ts'
import { waitFor } from '../../scripts/lib/wait.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'
import type { Ran } from '../scripts/support.ts'
import { patienceMs } from '../support/patience.ts'

const MAX_STALE_MS = 2000
/** What a busy machine may add to it. */
const SLACK_MS = 500
const environment = 'lab'
const key = 'ui_x'
const user = { targetingKey: 'user-1' }

let dir: string
let file: string
let port: number
let server: ChildProcess
let opened: OpenedFlags[]
let reads: number
/** Whether the source can be read. */
let isReadable: boolean

beforeEach(async () => {
  dir = await tempDir()
  file = join(dir, 'lab.flagd.json')
  port = await anotherPort(0, 0, [])
  server = await startRedis()
  opened = []
  reads = 0
  isReadable = true
  process.env['FLAGS_REDIS_URL'] = url()
  await flags('create', '--owner', 'web')
  await flags('set', '--percent', '100')
})
afterEach(async () => {
  for (const one of opened) await one.close()
  delete process.env['FLAGS_REDIS_URL']
  server.kill('SIGKILL')
  await cleanUp()
})

const url = (): string => `redis://127.0.0.1:${port}`
const flags = (...args: string[]): Promise<Ran> => runScript('flags.ts', ...args, '--key', key, '--dir', dir)

async function startRedis(): Promise<ChildProcess> {
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
  ])
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`Redis ended: ${text}`)
    return text.includes('Ready to accept') || undefined
  }, patienceMs)
  return child
}

async function killRedis(): Promise<void> {
  server.kill('SIGKILL')
  await once(server, 'exit')
}

/** A program with its flags from the file, kept in Redis. */
async function program(more: { whenStale?: 'keep'; maxStaleMs?: number } = {}): Promise<OpenedFlags> {
  const flagsOfOne = await openFlags({
    provider: 'redis',
    url: url(),
    environment,
    maxStaleMs: MAX_STALE_MS,
    source: async () => {
      reads += 1
      if (!isReadable) throw new Error('the source is away')
      return await readFile(file, 'utf8')
    },
    onProblem: () => {},
    ...more,
  })
  opened.push(flagsOfOne)
  return flagsOfOne
}

/** Milliseconds from the write of the file until no program gives the feature any more. */
async function untilOff(...programs: OpenedFlags[]): Promise<number> {
  const off = await waitFor(
    async () => {
      const on = await Promise.all(programs.map((one) => one.isEnabled(key, user)))
      return on.some(Boolean) ? undefined : Date.now()
    },
    patienceMs,
    1,
  )
  return (off ?? Infinity) - (await stat(file)).mtimeMs
}

/** Waits until a program gives the feature. */
async function untilOn(one: OpenedFlags): Promise<void> {
  const on = await waitFor(async () => ((await one.isEnabled(key, user)) ? true : undefined), patienceMs, 5)
  expect(on).toBe(true)
}

/** A kill of which Redis hears nothing. */
async function killSilently(): Promise<void> {
  delete process.env['FLAGS_REDIS_URL']
  expect((await flags('kill')).code).toBe(0)
}

test('a kill is announced to every program at once', async () => {
  // Long after the message, so that nothing else takes it away.
  const slow = { maxStaleMs: 10 * patienceMs }
  const programs = await Promise.all([program(slow), program(slow), program(slow)])
  for (const one of programs) expect(await one.isEnabled(key, user)).toBe(true)
  const [ms, killed] = await Promise.all([untilOff(...programs), flags('kill')])
  expect(killed.code).toBe(0)
  expect(ms).toBeLessThan(SLACK_MS)
})

test('ten programs read the source far less often than they look', async () => {
  await Promise.all(Array.from({ length: 10 }, () => program()))
  const before = reads
  const looks = (MAX_STALE_MS * 3) / (MAX_STALE_MS / 4)
  await new Promise((resolve) => setTimeout(resolve, MAX_STALE_MS * 3))
  expect(reads - before).toBeLessThan((looks * 10) / 2)
})

test('a kill whose message is lost counts within the bound', async () => {
  const one = await program()
  await killSilently()
  const client = await createClient({ url: url() })
    .on('error', () => {})
    .connect()
  await client.hDel(redisKey(environment), ['text', 'at'])
  client.destroy()
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
})

test('a kill that Redis never hears of counts within the bound', async () => {
  const programs = [await program(), await program()]
  await killSilently()
  expect(await untilOff(...programs)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
})

test('a program told that Redis does not answer still kills the flag, and says that the others were not told', async () => {
  const one = await program()
  await killRedis()
  const ran = await flags('kill')
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('Redis was not told')])
  expect(flagEvaluator(await readFile(file, 'utf8')).resolve(key, true, user).value).toBe(false)
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
})

test('a kill counts within the bound while Redis is gone, while it hangs, and after it was restarted empty', async () => {
  const one = await program()
  await killRedis()
  await killSilently()
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)

  await flags('set', '--percent', '100', '--after-kill', '--comment', 'again')
  server = await startRedis()
  await untilOn(one)
  process.env['FLAGS_REDIS_URL'] = url()
  expect((await flags('kill')).code).toBe(0)
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)

  await flags('set', '--percent', '100', '--after-kill', '--comment', 'again')
  await untilOn(one)
  server.kill('SIGSTOP')
  await killSilently()
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
  server.kill('SIGCONT')
})

test('a Redis that comes back with an old document on its disk does not bring a killed feature back', async () => {
  const one = await program()
  const client = await createClient({ url: url() })
    .on('error', () => {})
    .connect()
  await client.sendCommand(['SAVE'])
  client.destroy()
  await killRedis()
  await killSilently()
  expect(await untilOff(one)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
  server = await startRedis()
  const late = await program()
  expect(await untilOff(late)).toBeLessThan(MAX_STALE_MS + SLACK_MS)
  const end = performance.now() + MAX_STALE_MS
  while (performance.now() < end) expect(await one.isEnabled(key, user)).toBe(false)
})

test('flags that neither Redis nor the source confirms count no more after the bound, unless the program keeps them', async () => {
  const [strict, keeping] = [await program(), await program({ whenStale: 'keep' })]
  const started = performance.now()
  await killRedis()
  isReadable = false
  const off = await waitFor(
    async () => ((await strict.isEnabled(key, user)) ? undefined : true),
    patienceMs,
    1,
  )
  expect([off, performance.now() - started < MAX_STALE_MS + SLACK_MS]).toEqual([true, true])
  expect(await keeping.isEnabled(key, user)).toBe(true)
  isReadable = true
  await untilOn(strict)
})

test('a source that was read before a change is not kept for others after it', async () => {
  const cache = redisCache({ url: url(), environment, limitMs: 1000, reconnects: false })
  await cache.connect()
  const asked = await cache.read()
  await cache.announce()
  await cache.store('{"flags":{}}', asked)
  expect((await cache.read()).text).toBeUndefined()
  await cache.store('{"flags":{}}', await cache.read())
  expect((await cache.read()).text).toBe('{"flags":{}}')
  cache.close()
})

test('a broken document in Redis is not used, and a program that starts without Redis has its flags from the source', async () => {
  const client = await createClient({ url: url() })
    .on('error', () => {})
    .connect()
  await client.hSet(redisKey(environment), { text: '{ broken', at: String(Date.now()) })
  client.destroy()
  expect(await (await program()).isEnabled(key, user)).toBe(true)
  await killRedis()
  expect(await (await program()).isEnabled(key, user)).toBe(true)
})

test('an evaluation asks neither Redis nor the source', async () => {
  const one = await program()
  const client = await createClient({ url: url() })
    .on('error', () => {})
    .connect()
  const commands = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1])
  const [before, readBefore] = [await commands(), reads]
  for (let index = 0; index < 10_000; index++) await one.isEnabled(key, { targetingKey: `user-${index}` })
  // The question itself, and a look of the program.
  expect((await commands()) - before).toBeLessThan(10)
  expect(reads - readBefore).toBeLessThan(3)
  client.destroy()
})
