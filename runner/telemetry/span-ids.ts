import { createHash } from 'node:crypto'

/** The id of the trace of a run: 32 hexadecimal digits. The same run has the same id in every export. */
export function traceId(run: string): string {
  return digest(run).slice(0, 32)
}

/** The id of a span of a run, such as that of attempt `tag#1`; empty for the run itself. 16 hexadecimal digits. */
export function spanId(run: string, key: string): string {
  return digest(`${run}\0${key}`).slice(0, 16)
}

/** The `traceparent` of W3C Trace Context that names a span. */
export function traceParent(run: string, key = ''): string {
  return `00-${traceId(run)}-${spanId(run, key)}-01`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
