import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { kubernetesAdapter } from '../../scripts/adapters/traffic-adapters.ts'
import { isInstalled } from '../../scripts/lib/tool.ts'
import { runScript } from './support.ts'

// kubectl itself, where it is installed, on a server of ours that answers for one Service as the API does.
const hasKubectl = isInstalled('kubectl', process.env)
const path = '/api/v1/namespaces/shop/services/storefront'
let server: Server
let folder: string
let service: { metadata: { resourceVersion: string }; spec: { selector: Record<string, string> } }
/** Called between the reading and the writing of the Service. */
let meanwhile: () => void

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kube-'))
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const say = (code: number, value: object): void => {
        response.writeHead(code, { 'content-type': 'application/json' })
        response.end(JSON.stringify(value))
      }
      if (request.url?.split('?')[0] !== path)
        return say(404, status(404, 'NotFound', 'services "storefront" not found'))
      if (request.method === 'GET') {
        say(200, { kind: 'Service', apiVersion: 'v1', ...service })
        return meanwhile()
      }
      const wanted = JSON.parse(body) as typeof service
      const { resourceVersion } = wanted.metadata
      if (resourceVersion !== service.metadata.resourceVersion)
        return say(409, status(409, 'Conflict', 'the object has been modified; please apply your changes'))
      service = {
        ...wanted,
        metadata: { ...wanted.metadata, resourceVersion: String(Number(resourceVersion) + 1) },
      }
      return say(200, { kind: 'Service', apiVersion: 'v1', ...service })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  writeFileSync(
    join(folder, 'config'),
    `apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters: [{ name: lab, cluster: { server: "http://127.0.0.1:${port}" } }]\ncontexts: [{ name: lab, context: { cluster: lab, user: a } }]\nusers: [{ name: a, user: {} }]\n`,
  )
  vi.stubEnv('KUBECONFIG', join(folder, 'config'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
  server.close().closeAllConnections()
})
beforeEach(() => {
  meanwhile = () => {}
  service = { metadata: { resourceVersion: '7' }, spec: { selector: { app: 'storefront', color: 'blue' } } }
})

const status = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  metadata: {},
})
const adapter = kubernetesAdapter({ service: 'storefront', namespace: 'shop' })
const here = ['--adapter', 'kubernetes', '--service', 'storefront', '--namespace', 'shop']

test.skipIf(!hasKubectl)('kubectl lets a Service select the other color, and reads it back', async () => {
  expect(await adapter.read()).toEqual({ version: 7, weights: { blue: 100, green: 0 }, live: 'blue' })
  const set = await runScript('traffic.ts', 'set', '--green', '100', ...here)
  expect([set.code, set.stderr]).toEqual([0, ''])
  expect(service.spec.selector).toEqual({ app: 'storefront', color: 'green' })
  expect((await runScript('traffic.ts', 'check', '--green', '100', ...here)).code).toBe(0)
})

test.skipIf(!hasKubectl)('a Service that somebody changed meanwhile is not written over', async () => {
  const traffic = await adapter.read()
  meanwhile = () => {
    service = { ...service, metadata: { resourceVersion: '8' } }
  }
  await expect(adapter.write({ blue: 0, green: 100 }, traffic)).rejects.toThrow(
    /kubectl ended with 1: .*modified/,
  )
  expect(service.spec.selector['color']).toBe('blue')
})

test.skipIf(!hasKubectl)(
  'a Service without a color, one that is absent, and a split are refused with a sentence',
  async () => {
    const absent = kubernetesAdapter({ service: 'other', namespace: 'shop' })
    await expect(absent.read()).rejects.toThrow(/kubectl ended with 1: .*not found/i)
    await expect(adapter.write({ blue: 50, green: 50 }, await adapter.read())).rejects.toThrow(
      'selects one color',
    )
    service.spec.selector = { app: 'storefront' }
    await expect(adapter.read()).rejects.toThrow('service shop/storefront selects no color')
  },
)

test('without kubectl a change of traffic says what is missing, and names the program', async () => {
  vi.stubEnv('PATH', folder)
  await expect(adapter.read()).rejects.toThrow('kubectl is not installed or not in PATH')
})
