/**
 * OpenMetrics 1.0 text. prom-client writes `le="1"` where the format demands `1.0`, and no units, so it is not used here.
 * One metric family.
 */
export interface Metric {
  lines(): string[]
}

export type Labels = Record<string, string>

/** The content type that belongs to {@link exposition}. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** A whole OpenMetrics page, with its end mark. */
export function exposition(metrics: readonly Metric[]): string {
  return `${metrics.flatMap((metric) => metric.lines()).join('\n')}\n# EOF\n`
}

/** A counter; `family` without `_total`, which belongs to the sample. */
export function counter(family: string, help: string): Metric & { add(labels: Labels, by?: number): void } {
  const series = new Map<string, number>()
  return {
    add(labels, by = 1) {
      const key = labelText(labels)
      series.set(key, (series.get(key) ?? 0) + by)
    },
    lines: () => [
      ...header(family, 'counter', help),
      ...[...series].map(([labels, value]) => `${family}_total${labels} ${value}`),
    ],
  }
}

/** A gauge whose values are read when the page is asked for. */
export function gauge(family: string, help: string, read: () => [Labels, number][], unit?: string): Metric {
  return {
    lines: () => [
      ...header(family, 'gauge', help, unit),
      ...read().map(([labels, value]) => `${family}${labelText(labels)} ${value}`),
    ],
  }
}

/** A histogram in seconds with one set of labels. `bounds` are upper limits, ascending, without infinity. */
export function histogram(
  family: string,
  help: string,
  bounds: readonly number[],
  labels: Labels,
): Metric & { observe(seconds: number): void } {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  let sum = 0
  return {
    observe(seconds) {
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      const index = bucket === -1 ? bounds.length : bucket
      counts[index] = (counts[index] ?? 0) + 1
      sum += seconds
    },
    lines() {
      let running = 0
      const buckets = counts.map((count, index) => {
        running += count
        const bound = bounds[index]
        return `${family}_bucket${labelText({ ...labels, le: bound === undefined ? '+Inf' : canonical(bound) })} ${running}`
      })
      const rest = [
        `${family}_count${labelText(labels)} ${running}`,
        `${family}_sum${labelText(labels)} ${sum}`,
      ]
      return [...header(family, 'histogram', help, 'seconds'), ...buckets, ...rest]
    },
  }
}

function header(family: string, type: string, help: string, unit?: string): string[] {
  return [
    `# TYPE ${family} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${family} ${unit}`]),
    `# HELP ${family} ${help}`,
  ]
}

// OpenMetrics compares `le` as text, so 1 must always be written 1.0.
function canonical(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
