import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { waitFor } from '../../scripts/lib/wait.ts'
import { openFlags } from './open-flags.ts'
import type { FlagSettings, OpenedFlags } from './open-flags.ts'

const users = Array.from({ length: 2000 }, (_, index) => ({ targetingKey: `user-${index}` }))
const anybody = { targetingKey: 'user-1', group: 'beta' }
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Server {
  url: string
  /** Every request, as `GET /path`. */
  asked: string[]
  close(): void
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => server.close().closeAllConnections()
  ends.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

async function open(settings: FlagSettings): Promise<OpenedFlags> {
  const flags = await openFlags(settings)
  ends.push(() => flags.close())
  return flags
}

async function countOn(flags: OpenedFlags, key: string): Promise<number> {
  return (await Promise.all(users.map((user) => flags.isEnabled(key, user)))).filter(Boolean).length
}

const soon = async (holds: () => boolean | Promise<boolean>): Promise<boolean> =>
  (await waitFor(async () => ((await holds()) ? true : undefined), 50_000, 5)) ?? false

/** The stream of LaunchDarkly: all flags at the start, then each that changes. */
async function launchDarkly(): Promise<Server & { change(flag: object): void }> {
  const listeners = new Set<ServerResponse>()
  const send = (to: ServerResponse, event: string, data: object): void =>
    void to.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  const server = await serve((request, response) => {
    if (request.headers.authorization !== 'sdk-key') {
      response.writeHead(401).end()
      return
    }
    if (request.url !== '/all') {
      response.writeHead(202).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    send(response, 'put', {
      path: '/',
      data: { flags: { ui_x: rollout(1, 25_000), ui_theme: theme }, segments: {} },
    })
    listeners.add(response)
  })
  return {
    ...server,
    change: (flag) => {
      for (const one of listeners) send(one, 'patch', { path: '/flags/ui_x', data: flag })
    },
  }
}

const ldFlag = (key: string, version: number, variations: unknown[], fallthrough: object) => ({
  key,
  version,
  on: true,
  variations,
  fallthrough,
  offVariation: variations.length - 1,
  salt: 'c0ffee',
  targets: [],
  rules: [],
  prerequisites: [],
})
const rollout = (version: number, weight: number) =>
  ldFlag('ui_x', version, [true, false], {
    rollout: {
      variations: [
        { variation: 0, weight },
        { variation: 1, weight: 100_000 - weight },
      ],
    },
  })
const theme = ldFlag('ui_theme', 1, ['dark', 'light'], { variation: 0 })

test('LaunchDarkly’s own SDK gives values over its stream, sees a kill at once, and sends nothing', async () => {
  const { url, asked, change } = await launchDarkly()
  const flags = await open({
    provider: 'launchdarkly',
    sdkKey: 'sdk-key',
    baseUrl: url,
    streamUrl: url,
    eventsUrl: url,
  })
  expect(Math.abs((await countOn(flags, 'ui_x')) - 500)).toBeLessThan(60)
  expect(await flags.getValue('ui_theme', anybody, 'light')).toBe('dark')
  expect(await flags.variant('ui_theme', anybody, ['dark', 'light'], 'light')).toBe('dark')
  expect(await flags.getValue('ui_none', anybody, 'light')).toBe('light')
  change({ ...rollout(2, 25_000), on: false })
  expect(await soon(async () => (await countOn(flags, 'ui_x')) === 0)).toBe(true)
  await flags.close()
  expect(asked).toEqual(['GET /all'])
})

test('LaunchDarkly hears which user got which flag only when events are asked for', async () => {
  const { url, asked } = await launchDarkly()
  const flags = await open({
    provider: 'launchdarkly',
    sdkKey: 'sdk-key',
    baseUrl: url,
    streamUrl: url,
    eventsUrl: url,
    events: true,
  })
  await flags.isEnabled('ui_x', anybody)
  await flags.close()
  expect(await soon(() => asked.includes('POST /bulk'))).toBe(true)
  expect(asked.join()).not.toContain('diagnostic')
})

/** The API for clients of Unleash, with what it answers at the moment. */
async function unleash(): Promise<Server & { feature: { enabled: boolean; rollout: string } }> {
  const feature = { enabled: true, rollout: '25' }
  const server = await serve((request, response) => {
    if (request.headers.authorization !== 'client-token') {
      response.writeHead(401).end()
      return
    }
    if (request.url?.startsWith('/api/client/features') !== true) {
      response.writeHead(202).end()
      return
    }
    const parameters = { rollout: feature.rollout, stickiness: 'userId', groupId: 'ui_x' }
    const strategies = [{ name: 'flexibleRollout', parameters, constraints: [] }]
    const everybody = [{ name: 'default', parameters: {}, constraints: [] }]
    const beta = { contextName: 'group', operator: 'IN', values: ['beta'] }
    const dark = {
      name: 'dark',
      weight: 1000,
      weightType: 'variable',
      stickiness: 'default',
      payload: { type: 'string', value: 'midnight' },
    }
    const size = { ...dark, name: 'big', payload: { type: 'number', value: '20' } }
    const features = [
      { name: 'ui_x', type: 'release', enabled: feature.enabled, strategies, variants: [] },
      { name: 'ui_theme', type: 'experiment', enabled: true, strategies: everybody, variants: [dark] },
      { name: 'ui_size', type: 'experiment', enabled: true, strategies: everybody, variants: [size] },
      {
        name: 'ui_beta',
        type: 'release',
        enabled: true,
        strategies: [{ ...everybody[0], constraints: [beta] }],
        variants: [],
      },
    ]
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ version: 2, features }))
  })
  return { ...server, feature }
}

test('Unleash’s own SDK gives values, sees a kill at the next look, and sends nothing', async () => {
  const { url, asked, feature } = await unleash()
  const flags = await open({
    provider: 'unleash',
    url: `${url}/api`,
    token: 'client-token',
    appName: 'shop',
    everyMs: 50,
  })
  expect(Math.abs((await countOn(flags, 'ui_x')) - 500)).toBeLessThan(60)
  expect(await flags.getValue('ui_theme', anybody, 'light')).toBe('midnight')
  expect(await flags.variant('ui_theme', anybody, ['dark', 'light'], 'light')).toBe('dark')
  expect(await flags.getValue('ui_size', anybody, 1)).toBe(20)
  expect(await flags.getValue('ui_theme', anybody, 1)).toBe(1)
  expect(await flags.getValue('ui_none', anybody, 'light')).toBe('light')
  expect([
    await flags.isEnabled('ui_beta', anybody),
    await flags.isEnabled('ui_beta', { targetingKey: 'x' }),
  ]).toEqual([true, false])
  feature.enabled = false
  expect(await soon(async () => (await countOn(flags, 'ui_x')) === 0)).toBe(true)
  await flags.close()
  expect(asked.filter((line) => !line.startsWith('GET /api/client/features'))).toEqual([])
})

test('flags that Unleash has not confirmed for too long count no more', async () => {
  const { url, close, feature } = await unleash()
  feature.rollout = '100'
  const flags = await open({
    provider: 'unleash',
    url: `${url}/api`,
    token: 'client-token',
    appName: 'shop',
    everyMs: 50,
    maxStaleMs: 500,
    onProblem: () => {},
  })
  expect(await flags.isEnabled('ui_x', anybody)).toBe(true)
  close()
  expect(await soon(async () => !(await flags.isEnabled('ui_x', anybody)))).toBe(true)
})

test('a client that is closed while Unleash is asked ends without an error when the answer fails', async () => {
  const unanswered: ServerResponse[] = []
  const { url } = await serve((_, response) => void unanswered.push(response))
  const problems: string[] = []
  const rejections: unknown[] = []
  const reject = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', reject)
  ends.push(() => void process.removeListener('unhandledRejection', reject))
  const onProblem = (text: string): void => void problems.push(text)
  const flags = await openFlags({
    provider: 'unleash',
    url: `${url}/api`,
    token: 'x',
    appName: 'shop',
    waitMs: 50,
    onProblem,
  })
  expect(await soon(() => unanswered.length > 0)).toBe(true)
  await flags.close()
  const told = problems.length
  for (const response of unanswered) response.writeHead(200, { 'content-length': 10 }).end('not JSON..')
  expect(await soon(() => problems.length > told)).toBe(true)
  // A rejection is told after the microtasks of the request that failed.
  await new Promise(setImmediate)
  expect(rejections).toEqual([])
})

test('a service that never answers delays a program for the wait alone, and every question gives its fallback', async () => {
  const { url } = await serve(() => {})
  const problems: string[] = []
  const onProblem = (text: string): void => void problems.push(text)
  const started = performance.now()
  const both = await Promise.all([
    open({ provider: 'unleash', url: `${url}/api`, token: 'x', appName: 'shop', waitMs: 300, onProblem }),
    open({ provider: 'launchdarkly', sdkKey: 'x', baseUrl: url, streamUrl: url, waitMs: 300, onProblem }),
  ])
  expect(performance.now() - started).toBeLessThan(5000)
  for (const flags of both) expect(await flags.getValue('ui_theme', anybody, 'light')).toBe('light')
  expect(problems.length).toBeGreaterThanOrEqual(2)
})
