import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

const limitMs = 10_000

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

/** One connection that is not renewed: who uses it decides whether to try again. */
export async function clientOf(address: string) {
  const url = redisUrl(address).href
  // Loaded where a message is sent: most calls send none.
  const { createClient } = await import('./redis-client.ts')
  return createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: limitMs },
    socket: { connectTimeout: limitMs, reconnectStrategy: false },
  })
}

/**
 * Publishes one message. Redis does not keep it for those who do not listen.
 * @returns how many heard it
 * @throws {CliError} when Redis refuses it or does not answer
 */
export async function publish(address: string, channel: string, message: string): Promise<number> {
  // The call that fails throws the error as well.
  const client = (await clientOf(address)).on('error', () => {})
  try {
    await client.connect()
    return await client.publish(channel, message)
  } catch (error) {
    throw new CliError(
      exit.failed,
      `Redis did not take the message: ${(error as Error).message}`,
      'Check its address and password.',
    )
  } finally {
    client.destroy()
  }
}

/** Hears what is published from now on; returns what ends it. `onEnd` is told when the connection has ended, and why. */
export async function subscribe(
  address: string,
  channel: string,
  onMessage: (message: string) => void,
  onEnd: (why: string) => void,
): Promise<() => void> {
  const client = (await clientOf(address)).on('error', (error: Error) => onEnd(error.message))
  await client.connect()
  await client.subscribe(channel, onMessage)
  return () => {
    client.destroy()
    onEnd('the connection was closed')
  }
}
