import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy that answers by itself, whatever host is asked for. */
export interface AnsweringProxy {
  url: string
  /** Each host that it was asked for, with its port. */
  asked: string[]
  close(): void
}

export async function startProxy(): Promise<AnsweringProxy> {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nby the proxy'))
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, close: () => void proxy.close() }
}
