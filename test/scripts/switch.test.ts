import { type Server, createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Color, type Weights, otherColor } from '../../scripts/lab/lab-model.ts'
import { candidates, userOf, userPoint } from '../../scripts/lab/switch/route.ts'
import { switchMetrics } from '../../scripts/lab/switch/switch-metrics.ts'
import { createSwitch } from '../../scripts/lab/switch/switch.ts'
import { type World, emptySlot } from '../../scripts/lab/world.ts'
import { choosePorts } from '../../scripts/lab/servers/ports.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(server: Server, port: number): Promise<void> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}

/** A world whose colors the switch believes to be ready, whatever listens there. */
async function world(weights: Weights): Promise<World> {
  const ports = await choosePorts(0, {})
  const slots = { blue: emptySlot('blue', ports.blue), green: emptySlot('green', ports.green) }
  slots.blue.state = 'ready'
  slots.green.state = 'ready'
  const traffic = { version: 1, weights, live: 'blue' as const }
  const idle = { load: null, log: () => undefined, save: () => Promise.resolve() }
  return { dir: '', ports, startedAt: '', traffic, slots, ...idle }
}

function upstream(): Server {
  return createServer((request, response) => {
    request.setEncoding('utf8')
    const chunks: string[] = []
    request.on('data', (chunk: string) => chunks.push(chunk))
    request.on('end', () =>
      response.setHeader('set-cookie', ['a=1', 'b=2']).end(`${request.method} ${chunks.join('')}`),
    )
  })
}

test('a request with a body goes to the other color when the first refuses the connection', async () => {
  const lab = await world({ blue: 50, green: 50 })
  const metrics = switchMetrics(lab)
  await listen(
    createSwitch(lab, metrics, () => false),
    lab.ports.switch,
  )
  await listen(upstream(), lab.ports.green)
  for (let call = 0; call < 20; call++) {
    const response = await fetch(`http://127.0.0.1:${lab.ports.switch}/`, { method: 'POST', body: 'order' })
    expect([response.status, await response.text()]).toEqual([200, 'POST order'])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  }
  expect(await metrics.page()).toMatch(/switch_fallovers_total\{color="blue"\} [1-9]/)
  expect([lab.slots.blue.inFlight, lab.slots.green.inFlight]).toEqual([0, 0])
})

test('a request that was sent is never sent again', async () => {
  const lab = await world({ blue: 50, green: 50 })
  let received = 0
  const breaking = (): Server =>
    createServer((request) => {
      received++
      request.socket.destroy()
    })
  await listen(
    createSwitch(lab, switchMetrics(lab), () => false),
    lab.ports.switch,
  )
  await listen(breaking(), lab.ports.blue)
  await listen(breaking(), lab.ports.green)
  const response = await fetch(`http://127.0.0.1:${lab.ports.switch}/`, { method: 'POST', body: 'order' })
  expect([response.status, received]).toEqual([502, 1])
})

test('without a ready color that has weight the answer is 503, and the standby does not take over', async () => {
  const lab = await world({ blue: 100, green: 0 })
  await listen(
    createSwitch(lab, switchMetrics(lab), () => false),
    lab.ports.switch,
  )
  await listen(upstream(), lab.ports.green)
  const response = await fetch(`http://127.0.0.1:${lab.ports.switch}/`)
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ error: 'No color that has weight is ready.' })
})

test.each([
  [{ blue: 90, green: 10 }, 0.05, [], ['green', 'blue']],
  [{ blue: 90, green: 10 }, 0.1, [], ['blue', 'green']],
  [{ blue: 100, green: 0 }, 0, [], ['blue']],
  [{ blue: 1, green: 1 }, 0.49, [], ['green', 'blue']],
  [{ blue: 1, green: 1 }, 0.49, ['green'], ['blue']],
  [{ blue: 0, green: 7 }, 0.99, ['green'], []],
] as const)('weights %j at %d without %j give %j', (weights, point, down, expected) => {
  const unready: readonly Color[] = down
  const choice = { weights, ready: (color: Color) => !unready.includes(color), withheld: () => false }
  expect(candidates(choice, point)).toEqual(expected)
})

test('the user is the header, else the cookie, and has the same point always', () => {
  expect(userOf({ 'x-user-id': 'ann', cookie: 'user=bob' })).toBe('ann')
  expect(userOf({ cookie: 'a=1; user=bob; c=2' })).toBe('bob')
  expect(userOf({ cookie: 'superuser=bob' })).toBeUndefined()
  expect(userPoint('ann')).toBe(userPoint('ann'))
  expect(otherColor('blue')).toBe('green')
})
