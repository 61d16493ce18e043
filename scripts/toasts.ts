import { defineCommand, defineProgram, optional, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { integer, string } from '../runner/kit/types.ts'
import { needed } from '../runner/kit/read-values.ts'
import { runProgram } from '../runner/kit/program.ts'
import { type ServerResponse, createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRecord } from '../runner/model/values/json.ts'
import { listen } from './lib/listen-locally.ts'
import { redisUrl, subscribe } from './adapters/redis.ts'
import { TOASTS } from './programs/notify/channels.ts'

const AGAIN_MS = 1000
/** How many ids are remembered, so that a message that is published twice is shown once. */
const REMEMBERED = 1000

const serve = defineCommand({
  name: 'serve',
  summary: 'Give each published message to every open page, once: server-sent events at /toasts.',
  args: {},
  options: {
    redis: optional(string('url'), 'Default: REDIS_URL, such as redis://127.0.0.1:6379.'),
    port: withDefault(integer(0, 65_535), '47111', '0 takes a free one.'),
    origin: withDefault(string('url'), '*', 'The site whose pages may listen; * is any.'),
  },
  effect: 'serve',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const redis = redisUrl(needed(options.redis ?? process.env['REDIS_URL'], '--redis')).href
    const pages = new Set<ServerResponse>()
    const seen = new Set<string>()
    const server = createServer((request, response) => {
      if (request.url?.split('?')[0] !== '/toasts') {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'access-control-allow-origin': options.origin,
      })
      response.write(': listening\n\n')
      pages.add(response)
      response.once('close', () => pages.delete(response))
    })
    const show = (text: string): void => {
      const id = idOf(text)
      if (id === undefined || seen.has(id)) return
      seen.add(id)
      for (const old of [...seen].slice(0, -REMEMBERED)) seen.delete(old)
      for (const page of pages) page.write(`id: ${id}\ndata: ${text.replaceAll(/[\r\n]+/g, ' ')}\n\n`)
    }
    const own = await listen(server, options.port)
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
    await hear(redis, show, stop.signal, () =>
      process.stdout.write(`listening on http://127.0.0.1:${own}/toasts\n`),
    )
    server.close().closeAllConnections()
    return { document: { ok: true }, text: 'ended\n' }
  },
})

/** Stays subscribed, across restarts of Redis, until it is told to stop. */
async function hear(
  redis: string,
  show: (text: string) => void,
  signal: AbortSignal,
  ready: () => void,
): Promise<void> {
  while (!signal.aborted) {
    const ended = Promise.withResolvers<string>()
    try {
      const leave = await subscribe(redis, TOASTS, show, ended.resolve)
      ready()
      signal.addEventListener('abort', leave, { once: true })
      await ended.promise
    } catch (error) {
      process.stderr.write(
        `no connection to Redis: ${error instanceof Error ? error.message : String(error)}\n`,
      )
    }
    if (!signal.aborted) await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

function idOf(text: string): string | undefined {
  try {
    const toast: unknown = JSON.parse(text)
    return isRecord(toast) && typeof toast['id'] === 'string' && /^[\w-]+$/.test(toast['id'])
      ? toast['id']
      : undefined
  } catch {
    return undefined
  }
}

export const program = defineProgram({
  name: 'runbook toasts',
  summary: 'Show short messages on pages that are open.',
  commands: [serve],
  fallback: 'serve',
})

if (import.meta.main) await runProgram(program)
