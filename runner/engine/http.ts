import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { HttpRequest, HttpResponse } from '../kinds/kind.ts'

/** Longest response body that is read, in bytes, unless the request says otherwise; more is cut. */
const defaultMaxBytes = 1_048_576

export type HttpOutcome = HttpResponse | { error: string } | { unknown: string }

/**
 * Sends one request. `claim` names a file that is created first when the request writes: when it is there already,
 * an earlier runner may have sent the request, and nobody knows what came of it.
 */
export async function sendRequest(
  request: HttpRequest,
  claim: string | undefined,
  signal: AbortSignal,
): Promise<HttpOutcome> {
  if (claim !== undefined && existsSync(claim)) {
    return { unknown: 'the request may have been sent before the runner ended' }
  }
  if (claim !== undefined) createSynced(claim)
  const started = performance.now()
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]),
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    const { text, cut } = await readLimited(response, request.maxBytes ?? defaultMaxBytes)
    const headers = Object.fromEntries(response.headers)
    return { status: response.status, headers, text, cut, ms: Math.round(performance.now() - started) }
  } catch (error) {
    return { error: `${request.method} ${request.url} had no answer: ${reason(error)}` }
  }
}

function createSynced(file: string): void {
  const fd = openSync(file, 'wx', 0o600)
  writeSync(fd, `${process.pid}\n`)
  fsyncSync(fd)
  closeSync(fd)
}

async function readLimited(response: Response, maxBytes: number): Promise<{ text: string; cut: boolean }> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes) break
  }
  const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8')
  return { text, cut: size > maxBytes }
}

/** fetch hides the cause one or two levels down. */
function reason(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  if (name === 'TimeoutError') return 'it timed out'
  if (name === 'AbortError') return 'it was cancelled'
  return cause?.code ?? cause?.message ?? message
}
