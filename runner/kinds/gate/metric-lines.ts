import { fillYaml } from '../../model/values/encode.ts'
import { parseYaml } from '../../model/text/yaml.ts'
import { hasTemplate } from '../../model/values/template.ts'
import { queryText } from './metric.ts'
import type { Metric } from './metric.ts'
import { parseMetricList } from './spec.ts'

/** Values a limit may turn out to have; the first that fits the metric lets the rest of the entry be read. */
export const standIns = ['1', '1%', '1s', '1 MB', '1/s', 'x']

/** The text of each entry of the list; a body that is not a list is one. */
export function entriesOf(code: string): string[] {
  const entries = code.split(/^(?=-(?:\s|$))/m).filter((entry) => entry.trim() !== '')
  return entries.length > 0 ? entries : [code]
}

/**
 * Each metric with its limit, as a reader needs it. An unknown value is shown as its template
 * in its place: `… below ${{ outputs.max_errors }}`.
 */
export function metricLines(code: string): string[] {
  if (!hasTemplate(code)) {
    const metrics = parseMetricList(code)
    return metrics.ok ? metrics.value.map((metric) => line(metric)) : [metrics.problem.message]
  }
  return entriesOf(code).map((entry) => openLine(entry) ?? entry.replace(/^-\s*/, '').trim())
}

function line(metric: Metric, limit: string = metric.limit.text): string {
  return `${queryText(metric)} ${metric.limit.side} ${limit}`
}

/** An entry with templates, read with a name in place of each; any place of an entry can hold one. */
function readOpen(
  entry: string,
): { metric: Metric; limit: string; reopened: (text: string) => string } | undefined {
  const templates: string[] = []
  const filled = fillYaml(entry, ({ scope, name }) => {
    templates.push(`\${{ ${scope}.${name} }}`)
    return `open_value_${templates.length - 1}_`
  })
  const [item] = listOf(filled) ?? []
  if (typeof item !== 'object' || item === null) return undefined
  const side = 'below' in item ? 'below' : 'above'
  const limit = String((item as Record<string, unknown>)[side])
  const values = limit.includes('open_value_') ? standIns : [limit]
  const reopened = (text: string): string =>
    text.replaceAll(/open_value_(\d+)_/g, (_, index) => templates[Number(index)] ?? '')
  for (const value of values) {
    const metrics = parseMetricList(JSON.stringify([{ ...item, [side]: value }]))
    if (metrics.ok && metrics.value[0]) return { metric: metrics.value[0], limit, reopened }
  }
  return undefined
}

/** The metric of an entry whose selectors or limit are templates; undefined when no value makes it one. */
export function openMetric(entry: string): Metric | undefined {
  return readOpen(entry)?.metric
}

function openLine(entry: string): string | undefined {
  const read = readOpen(entry)
  return read?.reopened(line(read.metric, read.limit))
}

function listOf(text: string): unknown[] | undefined {
  try {
    const list: unknown = parseYaml(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}
