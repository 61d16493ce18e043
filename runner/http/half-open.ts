import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Keeps connections that send no whole request from shutting others out: of more than `most` of them, the one that has
 * waited longest is closed. A request whose body is still on its way counts as not whole.
 */
export function limitHalfOpen(server: Server, most: number): void {
  // In the order in which they began to wait.
  const waiting = new Set<Socket>()
  const wait = (socket: Socket): void => {
    waiting.delete(socket)
    waiting.add(socket)
    if (waiting.size <= most) return
    const [oldest] = waiting
    if (oldest) waiting.delete(oldest)
    oldest?.destroy()
  }
  server.on('connection', (socket: Socket) => {
    wait(socket)
    socket.once('close', () => waiting.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (hasBody(request)) request.once('end', () => waiting.delete(socket))
    else waiting.delete(socket)
    response.once('finish', () => {
      if (!socket.destroyed) wait(socket)
    })
  })
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
