import { type Socket, connect } from 'node:net'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

const LIMIT_MS = 10_000

/** One value of a reply: text, a number, nothing, or a list of such. */
type Reply = string | number | null | Reply[]

/** A command as Redis reads it: a list of strings with their lengths in bytes. */
function encoded(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

/** Reads one reply from the start of the bytes, and says where it ends; undefined while it is not all there. */
function decoded(bytes: Buffer, from = 0): { reply: Reply | Error; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', from)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('utf8', from + 1, lineEnd)
  const after = lineEnd + 2
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { reply: line, end: after }
    case '-':
      return { reply: new Error(line), end: after }
    case ':':
      return { reply: Number(line), end: after }
    case '$': {
      const length = Number(line)
      if (length < 0) return { reply: null, end: after }
      if (bytes.length < after + length + 2) return undefined
      return { reply: bytes.toString('utf8', after, after + length), end: after + length + 2 }
    }
    case '*': {
      const items: Reply[] = []
      let end = after
      while (items.length < Number(line)) {
        const item = decoded(bytes, end)
        if (item === undefined || item.reply instanceof Error) return item
        items.push(item.reply)
        end = item.end
      }
      return { reply: items, end }
    }
    default:
      return { reply: new Error('The answer is not one of Redis'), end: bytes.length }
  }
}

interface Connection {
  socket: Socket
  send(words: readonly string[]): void
}

/** The address of a server. One that asks for TLS is refused: its password would be sent in the clear. @throws {CliError} usage */
export function redisUrl(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'redis:') return url
  throw new CliError(
    exit.usage,
    `The address of Redis cannot be used: ${url === null ? 'it is not an address' : `${url.protocol}// is not supported`}`,
    'Write it as redis://:password@127.0.0.1:6379.',
  )
}

/** Opens a connection and gives the password of the address, when it has one, first. */
function open(address: string, onReply: (reply: Reply | Error) => void): Connection {
  const url = redisUrl(address)
  const socket = connect(Number(url.port || '6379'), url.hostname)
  const send = (words: readonly string[]): void => void socket.write(encoded(words))
  let rest = Buffer.alloc(0)
  // The answer to AUTH is nobody's.
  let own = url.password === '' ? 0 : 1
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let found = decoded(rest); found !== undefined; found = decoded(rest)) {
      rest = rest.subarray(found.end)
      if (own > 0 && !(found.reply instanceof Error)) own -= 1
      else onReply(found.reply)
    }
  })
  if (url.password !== '') send(['AUTH', decodeURIComponent(url.password)])
  return { socket, send }
}

/**
 * Publishes one message. Nobody keeps it: who does not listen now never hears it.
 * @returns how many heard it
 * @throws {CliError} when Redis refuses it or does not answer
 */
export async function publish(address: string, channel: string, message: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const { socket, send } = open(address, (reply) => {
      socket.end()
      if (typeof reply === 'number') resolve(reply)
      else
        reject(
          new CliError(
            exit.failed,
            `Redis refused the message: ${String(reply)}`,
            'Check its address and password.',
          ),
        )
    })
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`no answer within ${LIMIT_MS / 1000} s`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed before an answer came')))
    send(['PUBLISH', channel, message])
  })
}

/** Hears what is published from now on. `onEnd` is told once, when the connection has ended, and why. */
export async function subscribe(
  address: string,
  channel: string,
  onMessage: (message: string) => void,
  onEnd: (why: string) => void,
): Promise<() => void> {
  return await new Promise((resolve, reject) => {
    let why = 'the connection was closed'
    const { socket, send } = open(address, (reply) => {
      if (reply instanceof Error) socket.destroy(reply)
      else if (!Array.isArray(reply)) return
      else if (reply[0] === 'subscribe') resolve(() => socket.destroy())
      else if (reply[0] === 'message') onMessage(String(reply[2]))
    })
    socket.once('error', (error) => {
      why = error.message
      reject(error)
    })
    socket.once('close', () => onEnd(why))
    send(['SUBSCRIBE', channel])
  })
}
