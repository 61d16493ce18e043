import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * The trace id of a request: `x-trace-id` as sent (up to 64 letters, digits, `-`, `_`, `.`), else the trace id inside
 * a W3C `traceparent`, else a new one.
 */
export function traceOf(headers: IncomingHttpHeaders): string {
  const own = headers['x-trace-id']
  if (typeof own === 'string' && /^[\w.-]{1,64}$/.test(own)) return own
  const parent = headers['traceparent']
  const inParent =
    typeof parent === 'string'
      ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(parent)?.[1]
      : undefined
  return inParent ?? randomBytes(16).toString('hex')
}
