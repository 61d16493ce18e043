import { expect, test } from 'vitest'
import { metricCases, serveCase } from '../../../test/support/metric-cases.ts'
import type { MetricCase } from '../../../test/support/metric-cases.ts'
import type { Clock } from '../kind.ts'
import { makeGate } from './gate.ts'
import { params } from './gate-params.ts'
import type { Sample, Watched } from './watch.ts'
import { failure, orThrow, success } from '../../model/problem.ts'

const intervalMs = 1000
const looks = 12

/** A clock that moves only when somebody sleeps. */
function virtualClock(): Clock & { now: number; wallAhead: number } {
  const clock = {
    now: 0,
    wallAhead: 0,
    monotonic: () => clock.now,
    wall: () => Date.now() + clock.now + clock.wallAhead,
    async sleep(ms: number) {
      clock.now += ms
    },
  }
  return clock
}

async function http({ url, timeoutMs }: { url: string; timeoutMs: number }) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    const headers = Object.fromEntries(response.headers)
    return success({ status: response.status, headers, text: await response.text(), ms: 0, cut: false })
  } catch (error) {
    return failure((error as Error).message)
  }
}

function settingsFor(one: MetricCase, source: string) {
  const { range, stale, ...more } = one.settings ?? {}
  return params.parse({
    source,
    for: `${looks * intervalMs}ms`,
    interval: `${intervalMs}ms`,
    requestTimeout: '200ms',
    ...(range === undefined ? {} : { range: `${Number(range) * intervalMs}ms` }),
    ...(stale === undefined ? {} : { stale: `${Number(stale) * intervalMs}ms` }),
    ...more,
  })
}

async function watchCase(one: MetricCase): Promise<{ watched: Watched; samples: Sample[] }> {
  const clock = virtualClock()
  const server = await serveCase(one, () => clock.now / intervalMs)
  try {
    const ports = { http, clock, signal: new AbortController().signal }
    const gate = orThrow(makeGate(one.gate, settingsFor(one, server.url), ports))
    const samples: Sample[] = []
    const watched = await gate.watch((sample) => void samples.push(sample))
    return { watched, samples }
  } finally {
    await server.close()
  }
}

test.each(metricCases)('$name: $verdict', async (one) => {
  const { watched, samples } = await watchCase(one)
  expect(watched.verdict, JSON.stringify(samples.map(({ reason }) => reason))).toBe(one.verdict)
})
