import { createHash } from 'node:crypto'
import type { Alert } from './webhook.ts'
import { compareText } from '../model/compare-text.ts'

/** The identity of an alert: from Alertmanager, else made from the labels. Hexadecimal, so safe in a path. */
export function fingerprintOf(alert: Alert): string {
  if (alert.fingerprint !== undefined) return alert.fingerprint.toLowerCase()
  const labels = Object.entries(alert.labels).toSorted(([a], [b]) => compareText(a, b))
  return createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16)
}
