import { writeFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ladder } from '../../scripts/domain/ladder.ts'
import { readObjectives } from '../../scripts/domain/objective-file.ts'
import { judge } from '../../scripts/domain/objectives.ts'
import { quantile } from '../../scripts/programs/slo/timing.ts'
import { cleanUp, runScript, tempDir } from '../scripts/support.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
  await cleanUp()
})

async function serve(answers: Record<string, [type: string, body: string] | undefined>): Promise<string> {
  const server = createServer((request, response) => {
    const [type, body] = answers[(request.url ?? '').split('?')[0] ?? ''] ?? []
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type ?? 'text/plain' }).end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  ['instant', [100]],
  ['canary-10', [10, 50, 100]],
  ['canary-50', [50, 100]],
  ['canary-90', [90, 100]],
  ['5,25,100', [5, 25, 100]],
])('the strategy %s has the stages %j', (text, stages) =>
  expect(ladder.read(text)).toEqual({ ok: true, value: stages }),
)

test.each(['canary-11', '50,10,100', '10,10,100', '10,50', '0,100', '10,200', ''])(
  'the strategy "%s" is refused',
  (text) => expect(ladder.read(text).ok).toBe(false),
)

/** Whether one measured value meets one objective. */
const meets = (side: 'below' | 'above', limit: string, value: string): boolean =>
  judge([{ name: 'it', side, limit }], new Map([['it', value]]), [], 0.1)[0]?.ok ?? false

test.each([
  ['below', '200ms', '200ms', true],
  ['below', '200ms', '201ms', false],
  ['below', '200ms', '0.2s', true],
  ['above', '20 MB/s', '20 MB/s', true],
  ['above', '20 MB/s', '19.9 MB/s', false],
  ['below', '2 MB', '2000 kB', true],
  ['below', '2 MB', '2 MiB', false],
  ['below', '2 MB', '100ms', false],
] as const)('an objective %s %s with %s holds: %s', (side, limit, value, holds) =>
  expect(meets(side, limit, value)).toBe(holds),
)

test('more than a tenth worse than the last passing runs is not met, although it is within the limit', () => {
  const passing = [{ it: '100ms' }, { it: '100ms' }]
  const at = (value: string) =>
    judge([{ name: 'it', side: 'below', limit: '1s' }], new Map([['it', value]]), passing, 0.1)[0]
  expect(at('110ms')?.ok).toBe(true)
  expect(at('111ms')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('+11 % against the last 2'),
  })
})

test('three that are not met are three lines and one exit, and only a run that passes is kept', async () => {
  const dir = await tempDir()
  const [objectives, measured, history] = ['slos.yml', 'bench.yml', 'history.json'].map((name) =>
    join(dir, name),
  ) as [string, string, string]
  await writeFile(
    objectives,
    'insert: { below: 200ms }\nquery: { below: 50ms }\nthroughput: { above: 20 MB/s }\nheap: { below: 100 MB }\n',
  )
  await writeFile(measured, 'insert: 201ms\nquery: 51ms\nthroughput: 19 MB/s\nheap: 99 MB\n')
  const args = ['check', '--objectives', objectives, '--measured', measured, '--history', history]
  const failed = await runScript('slo.ts', ...args)
  expect(failed.code).toBe(1)
  expect(failed.stdout.match(/^FAIL /gm)).toHaveLength(3)
  await writeFile(measured, 'insert: 200ms\nquery: 50ms\nthroughput: 20 MB/s\nheap: 99 MB\n')
  expect((await runScript('slo.ts', ...args)).code).toBe(0)
  await writeFile(measured, 'insert: 200ms\nquery: 50ms\nthroughput: 20 MB/s\nheap: 110 MB\n')
  expect((await runScript('slo.ts', ...args)).stdout).toContain('FAIL heap')
})

test('each objective that is shipped is met at its limit, and not a hundredth beyond it', async () => {
  const objectives = await readObjectives('content/objectives.yaml')
  expect(objectives).toHaveLength(11)
  for (const { name, side, limit } of objectives) {
    const [, number = '', unit = ''] = /^([\d.]+)(.*)$/.exec(limit) ?? []
    const beyond = `${Number(number) * (side === 'below' ? 1.01 : 0.99)}${unit}`
    expect([name, meets(side, limit, limit), meets(side, limit, beyond)]).toEqual([name, true, false])
  }
})

test('the quantile is one of the values', () => {
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => index + 1),
      0.95,
    ),
  ).toBe(95)
  expect(quantile([7], 0.95)).toBe(7)
})

const page = (root: string, asset = '/app.js'): [string, string] => [
  'text/html',
  `<!doctype html><html><head><title>Storefront</title></head><body><div id="root">${root}</div><script src="${asset}"></script></body></html>`,
]

test.each([
  ['whole', { '/': page('<p>Tea</p>'), '/app.js': ['text/javascript', 'void 0'] }, 0, ''],
  ['blank with 200', { '/': page(''), '/app.js': ['text/javascript', 'void 0'] }, 1, 'FAIL content'],
  ['without an asset', { '/': page('<p>Tea</p>') }, 1, 'FAIL asset'],
  ['no HTML', { '/': ['application/json', '{}'] }, 1, 'FAIL page'],
] as const)('a page that is %s', async (_, answers, code, line) => {
  const url = await serve(answers as never)
  const ran = await runScript('frontend-check.ts', '--url', url, '--browser', 'never')
  expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(line)])
})

test('a browser sees what the HTML does not say: a script that breaks', async () => {
  const answers = {
    '/': page('<p>Tea</p>'),
    '/app.js': ['text/javascript', 'nothing.there()'] as [string, string],
  }
  const ran = await runScript('frontend-check.ts', '--url', await serve(answers), '--browser', 'always')
  expect(ran.code).toBe(1)
  expect(ran.stdout).toMatch(/^FAIL scripts .*nothing is not defined/m)
})

test('a page whose title and content a script makes passes in a browser, and says without one that it needs one', async () => {
  const html = '<html><head></head><body><div id="root"></div><script src="/app.js"></script></body></html>'
  const script = `setTimeout(() => { document.title = 'Storefront'; document.getElementById('root').textContent = 'Tea' }, 200)`
  const url = await serve({ '/': ['text/html', html], '/app.js': ['text/javascript', script] })
  const shown = await runScript(
    'frontend-check.ts',
    '--url',
    url,
    '--title',
    'Storefront',
    '--browser',
    'always',
  )
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('the page is whole')])
  const read = await runScript('frontend-check.ts', '--url', url, '--browser', 'never')
  expect([read.code, read.stdout]).toEqual([
    1,
    expect.stringContaining('a script may fill it, which needs a browser to see'),
  ])
})

test('a page that stays empty fails in a browser', async () => {
  const html = '<html><head><title>Storefront</title></head><body><div id="root"></div></body></html>'
  const ran = await runScript(
    'frontend-check.ts',
    '--url',
    await serve({ '/': ['text/html', html] }),
    '--browser',
    'always',
  )
  expect([ran.code, ran.stdout]).toEqual([1, expect.stringMatching(/^FAIL shown .*"root" shows no text/m)])
})

test.each([
  [3, 0, 'passed-with-violations'],
  [4, 1, 'failed: the gate failed: 4 violations'],
])('the gate as a program: after %d bad looks its code is %d', async (badLooks, code, verdict) => {
  const counted = { bad: 0, good: 0, looks: 0 }
  const answer = (): string => {
    // Exactly 1 % of what came since the last look failed, and a limit of 1 % is violated at 1 %.
    const spoiled = counted.looks >= 1 && counted.looks <= badLooks
    counted.bad += spoiled ? 1 : 0
    counted.good += spoiled ? 99 : 100
    counted.looks++
    const all = counted.good + counted.bad
    const buckets = ['1.0', '2.0', '+Inf'].map(
      (le) => `http_request_duration_seconds_bucket{le="${le}"} ${all}\n`,
    )
    return `# TYPE http_requests counter\nhttp_requests_total{code="200"} ${counted.good}\nhttp_requests_total{code="500"} ${counted.bad}\n# TYPE http_request_duration_seconds histogram\n${buckets.join('')}# EOF\n`
  }
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0').end(answer()),
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  const times = ['--for', '5s', '--interval', '1s', '--range', '1s', '--min-samples', '30%']
  const ran = await runScript('metrics-gate.ts', '--source', source, ...times)
  expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(verdict)])
})

test('a gate whose source is down is inconclusive, which is 1', async () => {
  const ran = await runScript(
    'metrics-gate.ts',
    '--source',
    'http://127.0.0.1:9/metrics',
    '--for',
    '2s',
    '--interval',
    '100ms',
  )
  expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining('inconclusive')])
})
