/**
 * A number as Prometheus and OpenMetrics write it: decimal, `+Inf`, `-Inf` or `NaN`; undefined for any other text, such
 * as an empty or a hexadecimal one.
 */
export function parseNumber(text: string): number | undefined {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text)
  if (/^\+?inf(inity)?$/i.test(text)) return Infinity
  if (/^-inf(inity)?$/i.test(text)) return -Infinity
  return /^nan$/i.test(text) ? Number.NaN : undefined
}
