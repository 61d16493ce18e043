import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startLoad } from './load.ts'

const RATE = 1000
const STALL_MS = 400

test('after a pause of its process the load goes on at its rate, without the requests of the pause', async () => {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const load = startLoad((server.address() as AddressInfo).port, RATE)
  await expect.poll(() => load.figures.sent).toBeGreaterThan(0)
  const before = load.figures.sent
  const began = performance.now()
  while (performance.now() - began < STALL_MS);
  await expect.poll(() => load.figures.sent).toBeGreaterThan(before)
  const sinceMs = performance.now() - began - STALL_MS
  load.stop()
  server.close()
  server.closeAllConnections()
  expect(load.figures.sent - before).toBeLessThanOrEqual(((sinceMs + STALL_MS / 2) / 1000) * RATE)
})
