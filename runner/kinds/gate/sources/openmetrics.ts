import { memo } from '../../../model/memo.ts'
import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import { quoteWhole } from '../../../model/quote.ts'
import { parseNumber } from '../number.ts'

/** One line of a metrics page. */
export interface MetricSample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
  /** When it was taken, in milliseconds since the epoch; undefined when the page does not say. */
  at?: number
}

/**
 * Reads a metrics page, OpenMetrics 1.0 or the Prometheus text format 0.0.4. OpenMetrics must end with `# EOF`, or
 * it was cut. A problem names the line.
 */
export function parseMetrics(text: string, contentType = ''): Outcome<MetricSample[]> {
  const openMetrics = contentType.includes('openmetrics') || /(^|\n)# EOF\n?$/.test(text)
  if (openMetrics && !/(^|\n)# EOF\n?$/.test(text))
    return failure('The page does not end with `# EOF`: it was cut')
  const samples: MetricSample[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
    if (trimmed.trim() === '' || trimmed.startsWith('#')) continue
    const sample = parseLine(trimmed, openMetrics ? 1000 : 1)
    if (!sample.ok) return failure(`Line ${index + 1}: ${sample.problem.message}`)
    samples.push(sample.value)
  }
  return success(samples)
}

const nameStart = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)/
const label = /^\s*(?:([a-zA-Z_:][a-zA-Z0-9_:.]*)|"((?:[^"\\]|\\.)*)")\s*/
const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s*/

/** The series of a line, as far as it may be one: a name, and labels up to the brace that ends them. */
const seriesText = /^[^\s{"]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?/

interface SeriesRead {
  name: string
  labels: Readonly<Record<string, string>>
  /** The text that follows. */
  rest: string
}

/** A page repeats its series at every look, so each is read once. */
const seriesOf = memo(5000, readSeries)

/** `scale` turns a timestamp into milliseconds: OpenMetrics writes seconds, the older format milliseconds. */
function parseLine(line: string, scale: number): Outcome<MetricSample> {
  const text = seriesText.exec(line)?.[0] ?? ''
  const after = line.slice(text.length)
  const short = /^\s*\{/.test(after) ? undefined : seriesOf(text)
  const isWhole = short?.ok === true && short.value.rest === ''
  const series = isWhole ? short : readSeries(line)
  if (!series.ok) return series
  const { name, labels } = series.value
  const rest = isWhole ? after : series.value.rest
  // An exemplar follows ` # `; it says nothing about the series.
  const [plain = ''] = rest.split(' # ', 1)
  const words = plain.trim().split(/[ \t]+/)
  const value = parseNumber(words[0] ?? '')
  if (value === undefined || words.length > 2)
    return failure(`Unexpected ${quoteWhole(rest.trim(), 60)} after \`${name}\`, expected a number`)
  if (words[1] === undefined) return success({ name, labels, value })
  const time = parseNumber(words[1])
  if (time === undefined || !Number.isFinite(time))
    return failure(`Unexpected time \`${words[1]}\`, expected a number`)
  return success({ name, labels, value, at: time * scale })
}

function readSeries(line: string): Outcome<SeriesRead> {
  const named = nameStart.exec(line)
  let rest = line.slice(named?.[0].length ?? 0).trimStart()
  let name = named?.[1] ?? ''
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    const read = parseLabels(rest.slice(1), labels)
    if (!read.ok) return read
    rest = read.value.rest
    name ||= read.value.name ?? ''
  }
  if (name === '') return failure(`Unexpected ${quoteWhole(line, 60)}, expected a metric's name`)
  return success({ name, labels, rest })
}

function parseLabels(
  text: string,
  labels: Record<string, string>,
): Outcome<{ rest: string; name: string | undefined }> {
  let rest = text
  let name: string | undefined
  for (;;) {
    rest = rest.trimStart()
    if (rest.startsWith('}')) return success({ rest: rest.slice(1), name })
    const key = label.exec(rest)
    if (!key) return failure(`Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`name="value"\``)
    rest = rest.slice(key[0].length)
    if (rest.startsWith('=')) {
      const value = quoted.exec(rest.slice(1))
      if (!value) return failure(`Unexpected ${quoteWhole(rest, 60)} in the labels, expected a quoted value`)
      const key1 = key[1] ?? unescape(key[2] ?? '')
      if (Object.hasOwn(labels, key1)) return failure(`Unexpected second label \`${key1}\`, expected it once`)
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
      return failure(`Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`=\``)
    }
    if (rest.startsWith(',')) rest = rest.slice(1)
    else if (!rest.startsWith('}'))
      return failure(`Unexpected ${quoteWhole(rest, 60)} in the labels, expected \`,\` or \`}\``)
  }
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character))
}
