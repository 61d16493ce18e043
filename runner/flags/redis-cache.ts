import { createClient } from '@redis/client'
import { within } from './within.ts'

/** A document in the cache of an environment. */
interface Cached {
  /** Undefined: there is no document. */
  text: string | undefined
  /** How long ago its source was asked, in milliseconds, by the clock of Redis. */
  ageMs: number
  /** The time of Redis when it answered; `store` wants it back. */
  at: number
  /** Grows with every change that was announced; `store` wants it back. */
  generation: number
}

/** The flags of one environment in Redis. Every method rejects when Redis does not answer in time. */
export interface RedisCache {
  connect(): Promise<void>
  /** Hears each announcement, and each time the connection is there again: messages of the time between are lost. */
  onChange(hear: () => void): Promise<void>
  read(): Promise<Cached>
  /**
   * Keeps a document for the other processes, unless a change was announced since `asked`: the source may have been read
   * before it.
   */
  store(text: string, asked: Pick<Cached, 'at' | 'generation'>): Promise<void>
  /**
   * Says that the source has changed: takes the document out and wakes every process.
   * @returns how many processes heard it
   */
  announce(): Promise<number>
  close(): void
}

export interface RedisCacheOptions {
  /** `redis://` or `rediss://`, with the password. */
  url: string
  environment: string
  /** Longest time for one exchange, in milliseconds. */
  limitMs: number
  /** Whether a lost connection is made again. */
  reconnects: boolean
}

// Times are those of Redis: the clocks of its clients may differ.
const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)"
const READ = `${NOW}
local at = redis.call('HGET', KEYS[1], 'at')
return { redis.call('HGET', KEYS[1], 'text'), at and now - at or 0, now, tonumber(redis.call('HGET', KEYS[1], 'generation') or 0) }`
const STORE = `if tonumber(redis.call('HGET', KEYS[1], 'generation') or 0) == tonumber(ARGV[1]) then
redis.call('HSET', KEYS[1], 'text', ARGV[2], 'at', ARGV[3]) end`
const ANNOUNCE = `redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('HDEL', KEYS[1], 'text', 'at')
return redis.call('PUBLISH', KEYS[1], 'changed')`

/**
 * The key of the document and the channel of its changes.
 * @internal
 */
export function redisKey(environment: string): string {
  return `runbook:flags:${environment}`
}

export function redisCache({ url, environment, limitMs, reconnects }: RedisCacheOptions): RedisCache {
  const key = redisKey(environment)
  const longest = Math.min(limitMs, 1000)
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
    socket: {
      connectTimeout: limitMs,
      reconnectStrategy: reconnects && ((tries: number) => Math.min(50 * 2 ** tries, longest)),
    },
  })
  const listener = client.duplicate()
  // A command that fails rejects; an error of the connection has no other place.
  for (const one of [client, listener]) one.on('error', () => {})

  const run = async (script: string, ...values: string[]): Promise<unknown> =>
    await within(client.eval(script, { keys: [key], arguments: values }), limitMs)

  return {
    connect: async () => void (await within(client.connect(), limitMs)),
    async onChange(hear) {
      listener.on('ready', hear)
      await within(
        listener.connect().then(() => listener.subscribe(key, hear)),
        limitMs,
      )
    },
    async read() {
      const [text, ageMs, at, generation] = (await run(READ)) as [string | null, number, number, number]
      return { text: text ?? undefined, ageMs, at, generation }
    },
    store: async (text, { at, generation }) => void (await run(STORE, String(generation), text, String(at))),
    announce: async () => (await run(ANNOUNCE)) as number,
    close() {
      for (const one of [client, listener]) if (one.isOpen) one.destroy()
    },
  }
}
