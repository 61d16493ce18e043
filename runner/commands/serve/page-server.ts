import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { Session } from '../../http/access.ts'
import { always, plain } from '../../http/request-rules.ts'
import { decodeUri } from '../../model/text/decode-uri.ts'
import type { Markup } from '../../pages/markup.ts'
import type { FileBody } from './file-body.ts'

export interface Answer {
  body: string | Uint8Array<ArrayBuffer> | FileBody
  type: string
  headers?: Record<string, string>
  /** 200 unless said otherwise. */
  status?: number
}

/** One request for a page: its path below the folder of the server, its query, and the browser that asks. */
export interface PageRequest {
  path: string
  query: string
  session: Session
}

/** Something that knows pages; undefined for those it does not know. */
export interface PageSource {
  answer(request: PageRequest): Promise<Answer | undefined>
  /** The version of the answer, cheap to compute; a browser with the same version gets no new answer. */
  version?(request: PageRequest): string | undefined
}

export interface PagePlace {
  base: string
  /** The folder of the server. */
  folder: string
  /** Links at the foot of each page that only this server has. */
  foot?: Markup | undefined
  sources: readonly PageSource[]
}

/** Answers a reader who was let in. */
export async function servePage(
  context: Context,
  { sources, ...place }: PagePlace,
  session: Session,
): Promise<Response> {
  const { folder } = place
  const path = pathIn(new URL(context.req.url).pathname.slice(folder.length))
  if (path === undefined) return plain(context, 404, 'There is no such page')
  const request = { path, query: new URL(context.req.url).search.slice(1), session }
  for (const source of sources) {
    const version = source.version?.(request)
    const early = version === undefined ? undefined : etagOf(version)
    if (early !== undefined && context.req.header('if-none-match') === early) return unchanged(context, early)
    const answer = await source.answer(request)
    if (answer) return send(context, moveInto(answer, place), early)
  }
  return plain(context, 404, 'There is no such page')
}

/** The addresses of a page as they are in the folder of this server. Pages served here have no offline copy. */
function moveInto(answer: Answer, { base, folder, foot }: Omit<PagePlace, 'sources'>): Answer {
  if (!answer.type.startsWith('text/html') || isFileBody(answer.body)) return answer
  const html = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body)
  const marked = html.replace('<html ', '<html data-served ')
  const end = marked.lastIndexOf('</footer>')
  const whole =
    foot === undefined || end < 0 ? marked : `${marked.slice(0, end)}${foot.markup}${marked.slice(end)}`
  return { ...answer, body: moveAddresses(whole, base, folder) }
}

/** A page that an act answers with. */
export function sendPage(context: Context, answer: Answer, place: Omit<PagePlace, 'sources'>): Response {
  return send(context, moveInto(answer, place), undefined)
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

function send(
  context: Context,
  { body, type, headers, status }: Answer,
  version: string | undefined,
): Response {
  const etag = version ?? etagOf(versionOf(body))
  if (status === undefined && context.req.header('if-none-match') === etag) return unchanged(context, etag)
  const given = { ...headers, ...always, ...kept(type), etag, 'content-type': type }
  if (!isFileBody(body)) return context.body(body, (status ?? 200) as 200, given)
  return context.body(body.stream() as globalThis.ReadableStream, (status ?? 200) as 200, {
    ...given,
    'content-length': String(body.size),
  })
}

/** Pages hold forms, which are good once; files beside them are asked for again with their version. */
function kept(type: string): Record<string, string> {
  return type.startsWith('text/html') ? {} : { 'cache-control': 'no-cache' }
}

function isFileBody(body: Answer['body']): body is FileBody {
  return typeof body === 'object' && 'stream' in body
}

function versionOf(body: Answer['body']): string | Uint8Array {
  return isFileBody(body) ? body.version : body
}

function unchanged(context: Context, etag: string): Response {
  return context.body(null, 304, { ...always, etag })
}

function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`
}
