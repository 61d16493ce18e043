import { quoteWhole } from '../../model/quote.ts'
import { parseNumber } from './number.ts'

/** One line of a metrics page. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
  /** When it was taken, in milliseconds since the epoch; undefined when the page does not say. */
  at?: number
}

/** A metrics page that cannot be read: it says where and why. */
export class MetricsError extends Error {
  override name = 'MetricsError'
}

/**
 * Reads a metrics page, OpenMetrics 1.0 or the Prometheus text format 0.0.4. OpenMetrics must end with `# EOF`, or
 * it was cut. Throws MetricsError naming the line.
 */
export function parseMetrics(text: string, contentType = ''): Sample[] {
  const openMetrics = contentType.includes('openmetrics') || /(^|\n)# EOF\n?$/.test(text)
  if (openMetrics && !/(^|\n)# EOF\n?$/.test(text))
    throw new MetricsError('The page does not end with `# EOF`: it was cut')
  const samples: Sample[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
    if (trimmed.trim() === '' || trimmed.startsWith('#')) continue
    const sample = parseLine(trimmed, openMetrics ? 1000 : 1)
    if (typeof sample === 'string') throw new MetricsError(`Line ${index + 1}: ${sample}`)
    samples.push(sample)
  }
  return samples
}

const nameStart = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)/
const label = /^\s*(?:([a-zA-Z_:][a-zA-Z0-9_:.]*)|"((?:[^"\\]|\\.)*)")\s*/
const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*/

/** `scale` turns a timestamp into milliseconds: OpenMetrics writes seconds, the older format milliseconds. */
function parseLine(line: string, scale: number): Sample | string {
  const named = nameStart.exec(line)
  let rest = line.slice(named?.[0].length ?? 0).trimStart()
  let name = named?.[1] ?? ''
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    const read = parseLabels(rest.slice(1), labels)
    if (typeof read === 'string') return read
    rest = read.rest
    name ||= read.name ?? ''
  }
  if (name === '') return `Unexpected ${quoteWhole(line, 60)}, expected a metric's name`
  // An exemplar follows ` # `; it says nothing about the series.
  const words = (rest.split(' # ')[0] ?? '').trim().split(/\s+/)
  const value = parseNumber(words[0] ?? '')
  if (value === undefined || words.length > 2)
    return `Unexpected ${quoteWhole(rest.trim(), 60)} after \`${name}\`, expected a number`
  if (words[1] === undefined) return { name, labels, value }
  const time = parseNumber(words[1])
  if (time === undefined || !Number.isFinite(time))
    return `Unexpected time \`${words[1]}\`, expected a number`
  return { name, labels, value, at: time * scale }
}

function parseLabels(
  text: string,
  labels: Record<string, string>,
): { rest: string; name: string | undefined } | string {
  let rest = text
  let name: string | undefined
  for (;;) {
    rest = rest.trimStart()
    if (rest.startsWith('}')) return { rest: rest.slice(1), name }
    const key = label.exec(rest)
    if (!key) return `Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`name="value"\``
    rest = rest.slice(key[0].length)
    if (rest.startsWith('=')) {
      const value = quoted.exec(rest.slice(1))
      if (!value) return `Unexpected ${quoteWhole(rest, 60)} in the labels, expected a quoted value`
      const key1 = key[1] ?? unescape(key[2] ?? '')
      if (Object.hasOwn(labels, key1)) return `Unexpected second label \`${key1}\`, expected it once`
      Object.defineProperty(labels, key1, {
        value: unescape(value[1] ?? ''),
        enumerable: true,
        configurable: true,
        writable: true,
      })
      rest = rest.slice(1 + value[0].length)
    } else if (key[2] !== undefined && name === undefined) {
      name = unescape(key[2])
    } else {
      return `Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`=\``
    }
    if (rest.startsWith(',')) rest = rest.slice(1)
    else if (!rest.startsWith('}'))
      return `Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`,\` or \`}\``
  }
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character))
}
