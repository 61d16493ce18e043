import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { listen } from '../../http/listen.ts'
import type { Listening } from '../../http/listen.ts'
import { isLoopback } from '../../http/loopback.ts'
import { mediaType } from '../../telemetry/open-metrics.ts'
import { readWebhook } from '../webhook.ts'
import type { Webhook } from '../webhook.ts'
import { mayEnter } from './webhook-credentials.ts'
import type { Credentials } from './webhook-credentials.ts'
import { makeRateLimit } from './rate.ts'

export interface ServerOptions {
  host: string
  port: number
  credentials: Credentials
  /** Largest body in bytes. */
  maxBody: number
  /** Requests a minute, over all senders; as many again that do not know the secret. */
  rate: number
  now: () => number
  /** Takes a webhook in; what it returns is the answer. An exception is answered with 500, and the sender tries again. */
  receive(webhook: Webhook): Promise<object>
  /** The metrics of the runs, as OpenMetrics text. */
  metrics(): string
  /** Told of requests that were turned away, and of failures. */
  onRefusal(status: number, why: string): void
}

/** Listens for webhooks. */
export function startServer(options: ServerOptions): Promise<Listening> {
  return listen(() => webhookApp(options), options.host, options.port)
}

function webhookApp({
  host,
  credentials,
  maxBody,
  rate,
  now,
  receive,
  metrics,
  onRefusal,
}: ServerOptions): Hono {
  const app = new Hono()
  // Strangers have a limit of their own: they can neither guess for long nor use up that of who may enter.
  const rates = { senders: makeRateLimit(rate, now), strangers: makeRateLimit(rate, now) }
  const refuse = (
    context: Context,
    status: ContentfulStatusCode,
    error: string,
    headers: Record<string, string> = {},
  ): Response => {
    onRefusal(status, error)
    // The rest of a refused body is not read.
    return context.json({ error }, status, { ...headers, connection: 'close' })
  }
  app.use(async (context, next) => {
    await next()
    context.header('x-content-type-options', 'nosniff')
    context.header('cache-control', 'no-store')
  })
  app.use(async (context, next) => {
    // A page of another site can make its name lead here; it cannot make the browser say a name of this machine.
    const named = (context.req.header('host') ?? '').replace(/:\d{1,5}$/, '')
    if (isLoopback(host) && !isLoopback(named))
      return refuse(context, 421, 'Ask for this server as 127.0.0.1 or localhost')
    return next()
  })
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  app.get('/metrics', (context) => {
    const mayRead = mayEnter(context.req.header('authorization'), credentials)
    if (!mayRead && !rates.strangers())
      return refuse(context, 429, 'Too many requests', { 'retry-after': '10' })
    if (!mayRead)
      return refuse(context, 401, 'Not authorized', { 'www-authenticate': 'Basic realm="runbook", Bearer' })
    return context.body(metrics(), 200, { 'content-type': mediaType })
  })
  app.post(
    '/webhook',
    async (context, next) => {
      const isSender = mayEnter(context.req.header('authorization'), credentials)
      if (!rates[isSender ? 'senders' : 'strangers']())
        return refuse(context, 429, 'Too many requests', { 'retry-after': '10' })
      if (!isSender)
        return refuse(context, 401, 'Not authorized', {
          'www-authenticate': 'Basic realm="runbook", Bearer',
        })
      // A page in a browser can reach a loopback address too; no sender of webhooks names an origin.
      if (context.req.header('origin') !== undefined)
        return refuse(context, 403, 'Browsers may not send alerts')
      if (!/^application\/json\b/i.test(context.req.header('content-type') ?? ''))
        return refuse(context, 415, 'Expected application/json')
      return next()
    },
    bodyLimit({
      maxSize: maxBody,
      onError: (context) => refuse(context, 413, `Larger than ${maxBody} bytes`),
    }),
    async (context) => {
      const webhook = readWebhook(await context.req.text())
      return webhook.ok
        ? context.json(await receive(webhook.value))
        : refuse(context, 400, webhook.problem.message)
    },
  )
  app.all('/webhook', (context) => refuse(context, 405, 'Webhooks are sent with POST'))
  app.notFound((context) => refuse(context, 404, 'There are only /webhook, /metrics and /healthz here'))
  app.onError((error, context) => {
    // A sender that went away while it was still sending hears no answer.
    if (!context.req.raw.signal.aborted) onRefusal(500, error.message)
    return context.json({ error: 'The alert was not stored; send it again' }, 500, { connection: 'close' })
  })
  return app
}
