import { parse } from 'yaml'
import { fillYaml } from '../../model/values/encode.ts'
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

/** A name in place of each template, which any place of an entry can hold; then the templates again. */
function openLine(entry: string): string | undefined {
  const templates: string[] = []
  const filled = fillYaml(entry, ({ scope, name }) => {
    templates.push(`\${{ ${scope}.${name} }}`)
    return `open_value_${templates.length - 1}_`
  })
  const reopened = (text: string): string =>
    text.replaceAll(/open_value_(\d+)_/g, (_, index) => templates[Number(index)] ?? '')
  const [metric] = listOf(filled) ?? []
  if (typeof metric !== 'object' || metric === null) return undefined
  const side = 'below' in metric ? 'below' : 'above'
  const limit = String((metric as Record<string, unknown>)[side])
  const values = limit.includes('open_value_') ? standIns : [limit]
  for (const value of values) {
    const metrics = parseMetricList(JSON.stringify([{ ...metric, [side]: value }]))
    if (metrics.ok && metrics.value[0]) return reopened(line(metrics.value[0], limit))
  }
  return undefined
}

function listOf(text: string): unknown[] | undefined {
  try {
    const list: unknown = parse(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}
