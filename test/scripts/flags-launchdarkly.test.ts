import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { changeFlag } from '../../scripts/programs/flags/change-flag.ts'
import { launchDarklyProvider } from '../../scripts/adapters/launchdarkly.ts'
import type { FlagProvider } from '../../scripts/programs/flags/flag-model.ts'
import { cleanUp, startScript, tempDir } from './support.ts'
import type { Ran } from './support.ts'

const TOKEN = 'api-canary-7c1f'
const environment = 'production'

/** The bodies a semantic patch may have, by LaunchDarkly's published description of it. */
const weights = z.record(z.string(), z.int().min(0).max(100_000))
const instruction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('turnFlagOn') }),
  z.strictObject({ kind: z.literal('turnFlagOff') }),
  z.strictObject({ kind: z.literal('archiveFlag') }),
  z.strictObject({ kind: z.literal('updateOffVariation'), variationId: z.string() }),
  z.strictObject({
    kind: z.literal('updateFallthroughVariationOrRollout'),
    rolloutWeights: weights.refine((all) => Object.values(all).reduce((a, b) => a + b, 0) === 100_000),
  }),
])
const patch = z.strictObject({
  environmentKey: z.string().optional(),
  comment: z.string(),
  instructions: z.array(instruction).min(1),
})

const fresh = () => ({
  key: 'ui_new_total',
  archived: false,
  creationDate: 1_790_000_000_000,
  tags: ['owner:web', 'type:release'],
  variations: [
    { _id: 'id-on', value: true },
    { _id: 'id-off', value: false },
  ],
  environments: {
    production: {
      on: false,
      version: 7,
      salt: 'c0ffee',
      offVariation: undefined as number | undefined,
      targets: [],
      rules: [],
      fallthrough: { variation: 1 } as object,
    },
  },
})

let flag = fresh()
let bodies: unknown[] = []
let refusals: number[] = []
let slept: number[] = []
let provider: FlagProvider

const server = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => (text += chunk.toString()))
  request.on('end', () => {
    const send = (status: number, body: object, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    const refusal = refusals.shift()
    if (refusal !== undefined) return send(refusal, { message: 'slow down' }, { 'retry-after': '3' })
    if (request.headers.authorization !== TOKEN) return send(401, { message: 'invalid token' })
    if (!request.url?.startsWith('/api/v2/flags/shop/ui_new_total')) return send(404, { message: 'no' })
    if (request.method === 'GET') return send(200, flag)
    const type = request.headers['content-type'] ?? ''
    if (!type.includes('domain-model=launchdarkly.semanticpatch'))
      return send(400, { message: 'not a patch' })
    const body = patch.safeParse(JSON.parse(text))
    if (!body.success) return send(400, { message: body.error.message })
    bodies.push(body.data)
    apply(body.data)
    return send(200, flag)
  })
})

function apply({ instructions }: z.output<typeof patch>): void {
  const settings = flag.environments.production
  for (const one of instructions) {
    if (one.kind === 'turnFlagOn') settings.on = true
    if (one.kind === 'turnFlagOff') settings.on = false
    if (one.kind === 'archiveFlag') flag.archived = true
    if (one.kind === 'updateOffVariation') settings.offVariation = one.variationId === 'id-off' ? 1 : 0
    if (one.kind === 'updateFallthroughVariationOrRollout') {
      const variations = Object.entries(one.rolloutWeights).map(([id, weight]) => ({
        variation: id === 'id-on' ? 0 : 1,
        weight,
      }))
      settings.fallthrough = { rollout: { variations } }
    }
  }
  settings.version += 1
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const pace = { now: Date.now, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) }
  provider = launchDarklyProvider({ url, project: 'shop', token: TOKEN, pace })
})
afterAll(cleanUp)
afterAll(() => server.close().closeAllConnections())
beforeEach(() => {
  flag = fresh()
  bodies = []
  refusals = []
  slept = []
})

const request = () => ({
  provider,
  key: 'ui_new_total',
  environment,
  ifVersion: undefined,
  dryRun: false,
  save: undefined,
  commit: false,
  comment: 'runbook r1',
  check: () => {},
})
const setTo = (percentage: number) =>
  changeFlag(request(), percentage, (change) => provider.setPercentage(change, percentage))

test('a percentage is a semantic patch in thousandths of a percent, proved with the public bucketing', async () => {
  for (const percentage of [10, 50, 100]) {
    const { document } = await setTo(percentage)
    expect((document as { proof: { lost: number } }).proof.lost).toBe(0)
  }
  expect(bodies[0]).toEqual({
    environmentKey: environment,
    comment: 'runbook r1',
    instructions: [
      { kind: 'turnFlagOn' },
      { kind: 'updateFallthroughVariationOrRollout', rolloutWeights: { 'id-on': 10_000, 'id-off': 90_000 } },
    ],
  })
})

const kill = (more = {}) =>
  provider.kill({
    key: 'ui_new_total',
    environment,
    comment: 'runbook r1',
    ifVersion: undefined,
    keepBefore: false,
    alone: false,
    ...more,
  })

test('a kill is sent at once, and gives callers an off variation when there is none', async () => {
  await setTo(50)
  await kill()
  expect(bodies.slice(-2)).toMatchObject([
    { instructions: [{ kind: 'turnFlagOff' }] },
    { instructions: [{ kind: 'updateOffVariation', variationId: 'id-off' }] },
  ])
})

test('a share of a thousandth of a percent is one of the service’s own units', async () => {
  const { document } = await setTo(0.001)
  expect(document).toMatchObject({ after: { percentage: 0.001 } })
  expect(bodies[0]).toMatchObject({
    instructions: [{}, { rolloutWeights: { 'id-on': 1, 'id-off': 99_999 } }],
  })
})

test('a colleague who was faster stops the change', async () => {
  const change = { key: 'ui_new_total', environment, comment: '', ifVersion: '6' }
  await expect(provider.setPercentage(change, 10)).rejects.toThrow('was changed by somebody else')
  expect(bodies).toEqual([])
})

test('a limit is obeyed for as long as the service says', async () => {
  refusals = [429, 429]
  await setTo(10)
  expect(slept.slice(0, 2)).toEqual([3000, 3000])
})

test('a refusal names the answer and never the token', async () => {
  const stranger = launchDarklyProvider({
    url: provider.where('').split('/shop')[0] ?? '',
    project: 'shop',
    token: 'wrong-canary',
  })
  const error = await stranger.get('ui_new_total', environment).catch((thrown: unknown) => thrown)
  const text = JSON.stringify([String(error), Object.entries(error as object)])
  expect(text).toContain('401')
  expect(text).not.toContain('canary')
})

test('a restored flag has the percentage it had, and an archived one is gone', async () => {
  await setTo(50)
  const before = await provider.get('ui_new_total', environment)
  await kill()
  if (before === undefined) throw new Error('no flag')
  await changeFlag(request(), 50, (change) => provider.restore(change, before, []))
  const version = (await provider.get('ui_new_total', environment))?.version ?? ''
  await provider.archive({ key: 'ui_new_total', environment, comment: 'done', ifVersion: version })
  expect(bodies.at(-1)).toEqual({ comment: 'done', instructions: [{ kind: 'archiveFlag' }] })
})

async function hanging(): Promise<{ url: string; asked: () => string[]; close: () => void }> {
  const asked: string[] = []
  const silent = createServer(({ method = '' }) => void asked.push(method))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () => silent.close().closeAllConnections(),
  }
}

function flagsAt(url: string, ...args: string[]): Promise<Ran> {
  vi.stubEnv('LAUNCHDARKLY_URL', url)
  vi.stubEnv('LAUNCHDARKLY_PROJECT', 'shop')
  vi.stubEnv('LAUNCHDARKLY_ACCESS_TOKEN', TOKEN)
  const { ended } = startScript('flags.ts', [...args, '--provider', 'launchdarkly', '--key', 'ui_new_total'])
  vi.unstubAllEnvs()
  return ended
}

test('a kill is the first thing a service that never answers gets, and ends when its time is over', async () => {
  const { url, asked, close } = await hanging()
  const started = performance.now()
  const ran = await flagsAt(url, 'kill', '--within', '2s')
  const took = performance.now() - started
  close()
  expect(asked()[0]).toBe('PATCH')
  expect(asked()).not.toContain('GET')
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('The request may have arrived')])
  expect(took).toBeLessThan(10_000)
})

test('a kill that keeps the state from before waits for no answer about it', async () => {
  const { url, asked, close } = await hanging()
  await flagsAt(url, 'kill', '--within', '2s', '--save', join(await tempDir(), 'before.json'))
  close()
  expect(asked().slice(0, 2).toSorted()).toEqual(['GET', 'PATCH'])
})

test('a service that never answers gives off within the timeout, and the program says so and waits for nothing more', async () => {
  const { url, asked, close } = await hanging()
  const ran = await flagsAt(url, 'evaluate', '--timeout', '500ms')
  close()
  expect([ran.code, ran.stdout]).toEqual([0, 'off (degraded)\n'])
  expect(ran.stderr).toContain('did not answer within 500 ms')
  expect(asked()).toEqual(['GET'])
})

test('a change at a service that never answers ends with an error that names it and the time', async () => {
  const { url, close } = await hanging()
  const pace = { now: Date.now, sleep: () => Promise.resolve() }
  const silent = launchDarklyProvider({ url, project: 'shop', token: TOKEN, pace, limitMs: 50 })
  const change = { ...request(), provider: silent }
  await expect(changeFlag(change, 10, (one) => silent.setPercentage(one, 10))).rejects.toMatchObject({
    message: `GET ${url} got no answer: it took longer than 50 ms`,
  })
  close()
})
