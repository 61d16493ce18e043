import { createHash } from 'node:crypto'

/** Hex SHA-256 of a value as JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
