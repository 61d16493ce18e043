import { createHash } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Access } from '../../http/access.ts'
import { decodeUri } from '../../model/text/decode-uri.ts'
import type { FileBody } from './file-body.ts'

export interface Answer {
  body: string | Uint8Array<ArrayBuffer> | FileBody
  type: string
  headers?: Record<string, string>
  /** 200 unless said otherwise. */
  status?: number
}

/** Something that knows pages by their path below the site's base, such as `runs/`; undefined for those it does not know. */
export interface PageSource {
  answer(path: string): Promise<Answer | undefined>
  /** The version of the answer, cheap to compute; a browser with the same version gets no new answer. */
  version?(path: string): string | undefined
}

export interface PageReading {
  /** The `host:port` that requests must name. */
  host: string
  base: string
  access: Access
  sources: readonly PageSource[]
  /** Told when a browser was let in. */
  onOpened(): void
}

type Env = { Bindings: HttpBindings }

/** Answers readers on this machine who were let in: reads only, and writes nothing anywhere. */
export function readingApp({ host, base, access, sources, onOpened }: PageReading): Hono<Env> {
  const app = new Hono<Env>()
  // A page of another site can make its name lead here; it cannot make the browser say a name of this machine.
  app.use(async (context, next) =>
    context.req.header('host') === host ? next() : plain(context, 421, `Ask for this site as ${host}`),
  )
  app.get('*', async (context) => {
    const asked = context.env.incoming.url?.replace(/[?#].*$/s, '') ?? '/'
    const cookie = access.open(asked)
    if (cookie !== undefined) {
      onOpened()
      return context.body(null, 303, { ...always, location: access.folder, 'set-cookie': cookie })
    }
    if (!asked.startsWith(access.folder) || !access.admits(context.req.header('cookie')))
      return plain(
        context,
        401,
        'This site is open to the account that serves it. Open the address that `runbook serve` printed last.',
      )
    const path = pathIn(asked.slice(access.folder.length))
    return (path === undefined ? undefined : await answerFrom(context, path, sources)) ?? notFound(context)
  })
  app.all('*', (context) => plain(context, 405, 'This server only reads'))
  app.onError((_, context) =>
    plain(context, 500, 'This page could not be rendered. The run may be damaged; see `runbook verify`.'),
  )
  return app

  async function answerFrom(
    context: Context,
    path: string,
    from: readonly PageSource[],
  ): Promise<Response | undefined> {
    for (const source of from) {
      const version = source.version?.(path)
      const early = version === undefined ? undefined : etagOf(version)
      if (early !== undefined && context.req.header('if-none-match') === early)
        return unchanged(context, early)
      const answer = await source.answer(path)
      if (answer) return send(context, below(answer), early ?? etagOf(versionOf(answer.body)))
    }
    return undefined
  }

  /** The addresses of a page as they are in the folder of this server. Pages served here have no offline copy. */
  function below(answer: Answer): Answer {
    if (!answer.type.startsWith('text/html') || isFileBody(answer.body)) return answer
    const html = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body)
    const marked = html.replace('<html ', '<html data-served ')
    return { ...answer, body: moveAddresses(marked, base, access.folder) }
  }
}

const tag = /<[a-z](?:[^"'<>]|"[^"]*"|'[^']*')*>/gi

/** @internal */
export function moveAddresses(html: string, from: string, to: string): string {
  const starts = new RegExp(
    String.raw`(\s(?:(?:href|src|action|data-[\w-]+)=["']?|content=["']0;url=))${RegExp.escape(from)}(?!/)`,
    'g',
  )
  return html.replaceAll(tag, (one) => one.replaceAll(starts, (_, start: string) => start + to))
}

/** The path, decoded; undefined for one that leads elsewhere or cannot be a page. */
function pathIn(encoded: string): string | undefined {
  const path = decodeUri(encoded)
  return path === undefined || /[\\\u0000]|\/\/|(^|\/)\.\.?(\/|$)/.test(path) ? undefined : path
}

function send(context: Context, { body, type, headers, status }: Answer, etag: string): Response {
  if (context.req.header('if-none-match') === etag) return unchanged(context, etag)
  const given = { ...headers, ...always, etag, 'content-type': type }
  if (!isFileBody(body)) return context.body(body, (status ?? 200) as 200, given)
  return context.body(body.stream() as globalThis.ReadableStream, (status ?? 200) as 200, {
    ...given,
    'content-length': String(body.size),
  })
}

function isFileBody(body: Answer['body']): body is FileBody {
  return typeof body === 'object' && 'stream' in body
}

function versionOf(body: Answer['body']): string | Uint8Array {
  return isFileBody(body) ? body.version : body
}

const always = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
}

function unchanged(context: Context, etag: string): Response {
  return context.body(null, 304, { ...always, etag })
}

function notFound(context: Context): Response {
  return plain(context, 404, 'There is no such page')
}

function plain(context: Context, status: 401 | 404 | 405 | 421 | 500, words: string): Response {
  return context.text(`${words}\n`, status, always)
}

function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`
}
