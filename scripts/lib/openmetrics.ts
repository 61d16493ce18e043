import { Failure } from './failure.ts'

/** One sample of a metrics page. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?[\d.e+-]+)?(?: # .*)?$/

/**
 * Reads a metrics page in OpenMetrics or Prometheus text.
 * @param openMetrics true when the page says it is OpenMetrics: then it must end with `# EOF`, or it was cut
 * @throws {Failure} naming the first line that cannot be read
 */
export function parseMetrics(text: string, openMetrics: boolean): Sample[] {
  if (openMetrics && !/(^|\n)# EOF\n?$/.test(text)) {
    throw new Failure(
      'The metrics page is cut off.',
      'It does not end with "# EOF".',
      'Look at the page itself.',
    )
  }
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine)
}

function parseLine(line: string): Sample {
  const [, name, labels = '', raw = ''] = LINE.exec(line) ?? []
  const value = numberOf(raw)
  if (name !== undefined && value !== undefined) return { name, labels: parseLabels(labels), value }
  throw new Failure(
    'The metrics page cannot be read.',
    `Unexpected line "${line.slice(0, 120)}".`,
    'Expected name{label="value"} number.',
  )
}

function numberOf(text: string): number | undefined {
  const special: Record<string, number> = {
    '+Inf': Infinity,
    Inf: Infinity,
    '-Inf': -Infinity,
    NaN: Number.NaN,
  }
  if (Object.hasOwn(special, text)) return special[text]
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries([...pairs].map(([, name, value]) => [name ?? '', unescape(value ?? '')]))
}

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}
