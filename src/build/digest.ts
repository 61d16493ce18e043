import { createHash } from 'node:crypto'

/** Hex SHA-256 of a value as JSON. */
export function digestOf(value: unknown): string {
  return digestOfBytes(JSON.stringify(value))
}

/** Hex SHA-256. */
export function digestOfBytes(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
