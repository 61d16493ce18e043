import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../runner/engine/loop/clock.ts'
import { sendRequest } from '../../runner/engine/process/send-request.ts'
import { makeGate } from '../../runner/kinds/gate/gate.ts'
import { params } from '../../runner/kinds/gate/gate-params.ts'
import type { Sample } from '../../runner/kinds/gate/watch.ts'
import { metricCases, serveCase } from '../support/metric-cases.ts'
import type { MetricCase, MetricsServer } from '../support/metric-cases.ts'
import { prometheusIsInstalled, startPrometheus } from '../support/servers/prometheus.ts'
import type { RunningPrometheus } from '../support/servers/prometheus.ts'
import { orThrow } from '../../runner/model/problem.ts'
import { patienceMs } from '../support/patience.ts'

const intervalMs = 1000
const scrapeMs = 250
const looks = 12

/** Watches through a server; the same list of metrics a run would have in its fence. */
async function watchThrough(source: string, list: string, more: Record<string, string | number> = {}) {
  const { signal } = new AbortController()
  const { range, stale, ...rest } = more
  const settings = params.parse({
    source,
    for: `${looks * intervalMs}ms`,
    interval: `${intervalMs}ms`,
    ...(range === undefined ? {} : { range: `${Number(range) * intervalMs}ms` }),
    ...(stale === undefined ? {} : { stale: `${Number(stale) * intervalMs}ms` }),
    ...rest,
  })
  const http = (request: Parameters<typeof sendRequest>[0]) => sendRequest(request, undefined, signal)
  const gate = orThrow(makeGate(list, settings, { http, clock: systemClock(signal), signal }))
  const samples: Sample[] = []
  const watched = await gate.watch((sample) => void samples.push(sample))
  return { ...watched, said: samples.map(({ verdict, reason }) => `${verdict} ${reason}`).join('\n') }
}

function watchCase(one: MetricCase, url: string) {
  const list = one.gate.replaceAll(
    /(http_requests_total|http_request_duration_seconds|temperature_ratio)(\{)?/g,
    (_, name: string, brace?: string) => `${name}{job="${one.name}"${brace ? ',' : '}'}`,
  )
  return watchThrough(url, list, one.settings)
}

async function watchStopped() {
  const own = await startPrometheus([], scrapeMs)
  const watching = watchThrough(own.url, "- { query: 'vector(0)', below: 1 }")
  await new Promise((resolve) => setTimeout(resolve, 5 * intervalMs))
  await own.stop()
  return ['a server that is stopped in mid-gate', await watching] as const
}

const gone = 'http_requests_total{job="stopped in mid-gate"}'
const good = 'job="good, and no 5xx series yet"'

/** What only a server can answer, and nothing of it may pass. */
const queries = [
  {
    name: 'a rate over ten minutes of a target that is gone',
    query: `sum(rate(${gone}[10m])) * 0`,
    verdict: 'inconclusive',
    reason: 'no-data query: the newest sample is',
  },
  {
    name: 'a share in which nobody made a mistake yet',
    query: `sum(rate(http_requests_total{${good},code="500"}[1m])) / sum(rate(http_requests_total{${good}}[1m]))`,
    verdict: 'inconclusive',
    reason: 'the answer is empty',
  },
  {
    name: 'nothing divided by nothing',
    query: 'vector(0) / vector(0)',
    verdict: 'inconclusive',
    reason: 'not a number (NaN)',
  },
  { name: 'a query that cannot be read', query: 'sum(', verdict: 'inconclusive', reason: 'parse error' },
  {
    name: 'a range instead of a number',
    query: 'up[1m]',
    verdict: 'inconclusive',
    reason: 'unexpected matrix',
  },
  { name: 'many series at once', query: 'up', verdict: 'inconclusive', reason: 'say how with `reduce`' },
  { name: 'one divided by nothing', query: '1 / 0', verdict: 'failed', reason: 'Infinity, limit below 1' },
]

describe.skipIf(!prometheusIsInstalled)('through a real Prometheus', () => {
  const servers: MetricsServer[] = []
  const results = new Map<string, Awaited<ReturnType<typeof watchThrough>>>()
  let prometheus: RunningPrometheus
  let began = Infinity
  const time = (): number => (began === Infinity ? -1 : (performance.now() - began) / intervalMs)

  beforeAll(async () => {
    for (const one of metricCases) servers.push(await serveCase(one, time))
    const jobs = metricCases.map(({ name }, index) => ({ name, port: servers[index]?.port ?? 0 }))
    prometheus = await startPrometheus(jobs, scrapeMs)
    await scraped(prometheus.url, metricCases.length)
    began = performance.now()
    // One server holds all cases, told apart by job, and all are watched at once: they take the time of one.
    const watches = [
      ...metricCases.map(async (one) => [one.name, await watchCase(one, prometheus.url)] as const),
      ...queries.map(async ({ name, query }) => {
        const list = `- { query: '${query}', below: 1 }`
        return [name, await watchThrough(prometheus.url, list)] as const
      }),
      watchStopped(),
    ]
    for (const [name, result] of await Promise.all(watches)) results.set(name, result)
  })
  afterAll(async () => {
    await prometheus.stop()
    for (const server of servers) await server.close()
  })

  test.each(metricCases)('$name: $verdict, as from the page itself', ({ name, verdict }) => {
    const result = results.get(name)
    expect(result?.verdict, result?.said).toBe(verdict)
  })

  test.each(queries)('$name: $verdict', ({ name, verdict, reason }) => {
    const result = results.get(name)
    expect(result?.verdict, result?.said).toBe(verdict)
    expect(result?.said).toContain(reason)
  })

  test('a target that is gone answered before, and so did a server that is stopped in mid-gate', () => {
    expect(results.get('stopped in mid-gate')?.said).toMatch(/^no-data .*\n(ok .*\n){3}/)
    expect(results.get('a server that is stopped in mid-gate')?.said).toMatch(/^(ok .*\n){4}/)
  })
})

/** Until every target was scraped once. */
async function scraped(url: string, count: number): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    const answer = await fetch(`${url}/api/v1/query?query=count(up)`)
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
    if (Number(data.result[0]?.value[1] ?? 0) >= count) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${count} targets were not scraped`)
}
