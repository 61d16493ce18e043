import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test('a service is reached through the proxy of the environment, which sees no other host', async () => {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nby the proxy'))
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const script = `
    import { REAL_PACE, politely } from ${JSON.stringify(join(import.meta.dirname, 'polite.ts'))}
    const send = politely({ everyMs: 0, tries: 1, limitMs: 30_000, pace: REAL_PACE })
    const { text } = await send({ method: 'POST', url: 'http://service.invalid/hook', headers: {}, body: {}, repeatable: false })
    process.stdout.write(text)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    env: { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
  })
  expect(stdout).toBe('by the proxy')
  expect(asked).toEqual(['service.invalid:80'])
})
