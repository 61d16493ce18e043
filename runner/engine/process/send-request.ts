import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { isCredential } from '../../kinds/http/credentials.ts'
import type { HttpOutcome, HttpRequest } from '../../kinds/kind.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { fetchByProxy, useProxies } from './http-proxies.ts'
import { longestTimerMs } from './timer.ts'

/** Longest response body that is read, in bytes, unless the request says otherwise; more is cut. */
const defaultMaxBytes = 1_048_576

/**
 * Sends one request. `claim` names a file that is created first when the request writes: when it is there already,
 * an earlier runner may have sent the request, and its outcome is unknown.
 */
export async function sendRequest(
  request: HttpRequest,
  claim: string | undefined,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  if (claim !== undefined && existsSync(claim)) {
    return failure('the request may have been sent before the runner ended', { code: 'unknown' })
  }
  const unfit = problemOf(request) ?? useProxies()
  if (unfit !== undefined) return failure(`${request.method} ${request.url} cannot be sent: ${unfit}`)
  if (claim !== undefined) createSynced(claim)
  const started = performance.now()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.min(request.timeoutMs, longestTimerMs))])
  try {
    const followed = await follow(request, limit)
    if (!followed.ok) return followed
    const { value: response } = followed
    const { bytes, cut } = await readLimited(response, request.maxBytes ?? defaultMaxBytes)
    const text = decode(bytes, response.headers.get('content-type') ?? '')
    const headers = Object.fromEntries(response.headers)
    const ms = Math.round(performance.now() - started)
    return success({ status: response.status, headers, text, cut, ms })
  } catch (error) {
    const message = `${request.method} ${request.url} had no answer: ${reason(error)}`
    // Once it is under way, its effect is unknown.
    const { code, refused } = causeOf(error)
    const unknown = claim !== undefined && !refused && mayHaveArrived(code)
    return failure(message, unknown ? { code: 'unknown' } : {})
  }
}

/** The reason why a request can never be sent, such as a header no server would take. */
function problemOf({ url, method, headers, body }: HttpRequest): string | undefined {
  try {
    void new Request(url, body === undefined ? { method, headers } : { method, headers, body })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Follows redirects of requests that only read: never to plain http, and without credentials to another origin. */
async function follow(request: HttpRequest, signal: AbortSignal): Promise<Outcome<Response>> {
  let url = new URL(request.url)
  let headers = request.headers
  const safe = request.method === 'GET' || request.method === 'HEAD'
  for (let left = safe ? (request.redirects ?? 0) : 0; ; left--) {
    const init = { method: request.method, headers, redirect: 'manual', signal } as const
    const response = await fetchByProxy(
      url,
      request.body === undefined ? init : { ...init, body: request.body },
    )
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null || left === 0)
      return success(response)
    await response.body?.cancel()
    const next = new URL(location, url)
    if (!/^https?:$/.test(next.protocol) || (url.protocol === 'https:' && next.protocol === 'http:'))
      return failure(`${request.method} ${request.url} leads to ${next.origin}, which is not safe to follow`)
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isCredential(name)))
}

/** No connection, or one whose certificate was refused before anything was sent over it. */
const neverArrived =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|CERT_\w+|UNABLE_TO_\w+|\w+_CERT|\w+_CERT_IN_CHAIN|ERR_SSL_WRONG_VERSION_NUMBER)$/

/**
 * Whether the other side may have acted on a request that failed with this code: also TLS breaks in the middle of one.
 * @internal
 */
export function mayHaveArrived(code: string | undefined): boolean {
  return code === undefined || !neverArrived.test(code)
}

function createSynced(file: string): void {
  const fd = openSync(file, 'wx', 0o600)
  writeSync(fd, `${process.pid}\n`)
  fsyncSync(fd)
  closeSync(fd)
}

async function readLimited(
  response: Response,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: size > maxBytes }
}

/** Reads a body in its charset: a byte order mark says it, or the header, else it is UTF-8. The mark is left out. */
function decode(bytes: Uint8Array, contentType: string): string {
  const [first, second] = bytes
  const marked =
    first === 0xfe && second === 0xff
      ? 'utf-16be'
      : first === 0xff && second === 0xfe
        ? 'utf-16le'
        : undefined
  const declared = charsetOf(contentType)
  const utf8 = first === 0xef && second === 0xbb && bytes[2] === 0xbf
  return decoderOf(marked ?? (utf8 ? undefined : declared)).decode(bytes)
}

function charsetOf(contentType: string): string | undefined {
  const { MIMEType } = process.getBuiltinModule('node:util')
  try {
    return new MIMEType(contentType).params.get('charset') ?? undefined
  } catch {
    return undefined
  }
}

function decoderOf(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    // An unknown host name.
    return new TextDecoder()
  }
}

interface Cause {
  code: string | undefined
  message: string
  /** Whether a proxy would not let the request pass. */
  refused: boolean
}

/** fetch hides the cause one or more levels down. */
function causeOf(error: unknown): Cause {
  const { cause } = error as Error
  const { code, message, cause: inner } = (cause ?? error) as Error & { code?: unknown }
  if (inner instanceof Error) return causeOf({ cause: inner })
  const status = /^Proxy response \((\d+)\)/.exec(message)?.[1]
  if (status !== undefined) return { code: undefined, message: `the proxy answered ${status}`, refused: true }
  return { code: typeof code === 'string' ? code : undefined, message, refused: false }
}

function reason(error: unknown): string {
  const { name } = error as Error
  if (name === 'TimeoutError') return 'it timed out'
  if (name === 'AbortError') return 'it was cancelled'
  const { code, message, refused } = causeOf(error)
  return refused ? message : (code ?? message)
}
