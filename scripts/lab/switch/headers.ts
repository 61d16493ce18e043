import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

// These belong to one connection, not to the message (RFC 9110, 7.6.1).
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]

/** The headers that travel on to the next hop. */
export function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const dropped = new Set(HOP_BY_HOP)
  for (const name of (headers.connection ?? '').split(',')) dropped.add(name.trim().toLowerCase())
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}

/** The headers of a request to a color. A body without a length stays framed, or its bytes would be read as a second request. */
export function upstreamHeaders(headers: IncomingHttpHeaders, client: string): OutgoingHttpHeaders {
  const framing = headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }
  return { ...endToEnd(headers), ...framing, 'x-forwarded-for': client }
}
