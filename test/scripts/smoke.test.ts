import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { counter, exposition, gauge, histogram } from '../../scripts/lab/metrics.ts'
import { runSuites } from '../../scripts/programs/smoke/suites.ts'
import { cleanUp, runScript, startLab, tempDir } from './support.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
  await cleanUp()
})

/** What is wrong with a stand-in for the service. */
type Defect =
  | 'none'
  | 'unready'
  | 'version'
  | 'cut page'
  | 'missing histogram'
  | 'PONG'
  | 'trace'
  | 'counts one call in two'

/** `others`: how many more calls are counted beside each call, as if other clients asked too. */
async function standIn(defect: Defect, others = 0): Promise<string> {
  let calls = 0
  const requests = counter('http_requests', 'Requests.')
  const duration = histogram('http_request_duration_seconds', 'Duration.', [0.1, 1], {})
  const start = gauge('process_start_time_seconds', 'Start.', () => [[{}, 1]], 'seconds')
  requests.add({ path: '/version' }, 0)
  const answers: Record<string, () => [number, string]> = {
    '/healthz': () => [200, 'ok'],
    '/readyz': () => [defect === 'unready' ? 503 : 200, ''],
    '/version': () => {
      calls++
      requests.add({ path: '/version' }, defect === 'counts one call in two' ? calls % 2 : 1 + others)
      return [200, JSON.stringify({ version: defect === 'version' ? '1.3.0' : '1.4.0' })]
    },
    '/metrics': () => {
      const page = exposition(
        defect === 'missing histogram' ? [requests, start] : [requests, duration, start],
      )
      return [200, page]
    },
    '/echo': () => [200, defect === 'PONG' ? 'PONG' : 'pong'],
  }
  // A page that is cut only in the suite that reads pages: its first request for one.
  let pages = 0
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const [status, body] = answers[path]?.() ?? [404, '']
    const cut = path === '/metrics' && defect === 'cut page' && pages++ === 0
    response.setHeader(
      'content-type',
      path === '/metrics' ? 'application/openmetrics-text; version=1.0.0' : 'text/plain',
    )
    response.setHeader('x-trace-id', defect === 'trace' ? 'another' : (request.headers['x-trace-id'] ?? ''))
    response.writeHead(status).end(cut ? body.replace('# EOF\n', '') : body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each<[Defect, string[]]>([
  ['none', []],
  ['unready', ['health']],
  ['version', ['health']],
  ['cut page', ['metrics']],
  ['missing histogram', ['critical-metrics']],
  ['PONG', ['echo']],
  ['trace', ['echo']],
  ['counts one call in two', ['counter']],
])('a service with the defect "%s" fails exactly %j', async (defect, failing) => {
  const url = await standIn(defect)
  const results = await runSuites({ url, metrics: [`${url}/metrics`], expectVersion: '1.4.0' })
  expect(results).toHaveLength(5)
  expect(results.filter((result) => !result.ok).map((result) => result.name)).toEqual(failing)
})

test('a service that other clients ask at the same time passes', async () => {
  const url = await standIn('none', 3)
  const results = await runSuites({ url, metrics: [`${url}/metrics`], expectVersion: '1.4.0' })
  expect(results.filter((result) => !result.ok)).toEqual([])
})

test('the smoke tests pass on a color and through the switch under load, and all fail on nothing', async () => {
  const lab = await startLab(await tempDir(), '--load', '200')
  const { colors } = await lab.state()
  const direct = await runScript('smoke.ts', '--url', colors.blue.url, '--expect-version', '1.3.0')
  expect(direct.stderr).toBe('')
  expect(direct.stdout.match(/^ok {3}/gm)).toHaveLength(5)
  expect(direct.code).toBe(0)
  const through = await runScript('smoke.ts', '--url', lab.url, '--metrics', `${colors.blue.url}/metrics`)
  expect(through.code, through.stdout).toBe(0)
  const nothing = await runScript('smoke.ts', '--url', colors.green.url, '--json')
  expect(nothing.code).toBe(1)
  expect(JSON.parse(nothing.stdout).suites.map((suite: { ok: boolean }) => suite.ok)).toEqual(
    Array(5).fill(false),
  )
})

test('a dry run of the smoke tests asks nothing', async () => {
  const ran = await runScript('smoke.ts', '--url', 'http://127.0.0.1:1', '--dry-run')
  expect(ran.code).toBe(0)
  expect(ran.stdout.match(/would ask/g)).toHaveLength(5)
})
