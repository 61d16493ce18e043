import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Hono } from 'hono'
import { limits, listen } from './listen.ts'
import type { Listening } from './listen.ts'

let server: Listening
let sockets: Socket[]

beforeEach(async () => {
  sockets = []
  const app = new Hono()
    .all('*', async (context) => context.text(`got ${await context.req.text()}`))
    // A body that is cut off is what these tests are about.
    .onError((_, context) => context.text('cut off', 500))
  server = await listen(() => app, '127.0.0.1', 0)
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await server.close()
})

/** Opens a connection, sends a piece of a request and leaves it at that. */
async function begin(piece: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'connect')
  if (piece !== '') await new Promise((sent) => socket.write(piece, sent))
  return socket
}

test.each([
  ['nothing', ''],
  ['half of the headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['half of a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx'],
])('clients that send %s and wait keep nobody out', async (_, piece) => {
  const started = performance.now()
  for (let count = 0; count < limits.halfOpen + 20; count++) await begin(piece)
  const answers = await Promise.all(
    Array.from({ length: 4 }, () =>
      fetch(server.origin, { method: 'POST', body: 'x' }).then((one) => one.text()),
    ),
  )
  expect(answers).toEqual(Array.from({ length: 4 }, () => 'got x'))
  // The clients that wait are closed by time only after this.
  expect(performance.now() - started).toBeLessThan(limits.headersMs)
})

test('a request with more headers than the limit is refused', async () => {
  const socket = await begin(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(limits.headerBytes)}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(String(answer)).toMatch(/^HTTP\/1\.1 431 /)
})

test('a connection that idles after an answer gives way as well', async () => {
  const socket = await begin('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /)
  for (let count = 0; count < limits.halfOpen; count++) await begin('')
  await once(socket, 'close')
})
