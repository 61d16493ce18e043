import { fetchByProxy } from '../../runner/engine/process/http-proxies.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { quoteWhole } from '../../runner/model/quote.ts'
import { messageOf } from './errors.ts'

/** An answer with a JSON object as its body. */
export interface JsonAnswer {
  status: number
  body: Record<string, unknown>
}

/** A request beside its method and address. */
interface RequestOptions {
  body?: object | undefined
  /** Beside `content-type`, which a body has. */
  headers?: Readonly<Record<string, string>>
  /** Milliseconds for the whole exchange; default 30 000. */
  limitMs?: number
}

const LIMIT_MS = 30_000

/**
 * Sends a request and reads a JSON object.
 * @throws {CliError} when nothing answers in time or the answer is not a JSON object; any status is returned unchanged
 */
export async function requestJson(
  method: string,
  url: string,
  { body, headers, limitMs = LIMIT_MS }: RequestOptions = {},
): Promise<JsonAnswer> {
  const init: RequestInit = {
    method,
    redirect: 'error',
    signal: AbortSignal.timeout(limitMs),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  let status: number
  let text: string
  try {
    const response = await fetchByProxy(url, init)
    status = response.status
    text = await response.text()
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${method} ${url} got no answer: ${messageOf(error)}`,
      'Check that the address is right and that something listens there.',
    )
  }
  return { status, body: parseObject(text, `${method} ${url}`, status) }
}

function parseObject(text: string, source: string, status: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
  } catch {
    // Falls through to the failure, which quotes what came instead.
  }
  throw new CliError(
    exit.failed,
    `${source} did not answer with a JSON object: it answered ${status} with ${quoteWhole(text, 80)}`,
    'Check that the address belongs to the service you mean.',
  )
}
