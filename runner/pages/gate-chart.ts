import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Series } from '../journal/story/series.ts'
import { clock } from './page-time.ts'

const width = 600
const height = 120

/** The samples of a gate against their limit, as a drawing and in words. */
export function chart({ query, side, limit, limitText, points }: Series): Markup {
  const values = points.flatMap(({ value }) => value ?? [])
  const top = Math.max(limit, ...values) * 1.15 || 1
  const x = (index: number): number => Math.round(((index + 0.5) / points.length) * width)
  const y = (value: number): number => Math.round(height - (Math.max(0, value) / top) * (height - 8))
  const said = inWords(points, values, `${side} ${limitText}`)
  const mark = ({ value, verdict }: Series['points'][number], at: number): Markup => {
    if (value === undefined) return html`<circle class="no-data" cx="${x(at)}" cy="${height - 4}" r="2.5" />`
    return verdict === 'violation'
      ? html`<path class="violation" d="M${x(at) - 5} ${y(value) - 5}l10 10m0-10l-10 10" />`
      : html`<circle class="sample" cx="${x(at)}" cy="${y(value)}" r="2.5" />`
  }
  return html`<figure class="chart">
    <figcaption><code>${query}</code> <span class="muted">${said}</span></figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${said}">
      <line class="limit" x1="0" x2="${width}" y1="${y(limit)}" y2="${y(limit)}" />
      <text class="limit-text" x="${width - 6}" y="${y(limit) - 5}">${side} ${limitText}</text>
      ${stretches(points.map(({ value }) => value)).map(
        (stretch) =>
          html`<polyline
            class="values"
            points="${stretch.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"
          />`,
      )}${points.map(mark)}
    </svg>
  </figure>`
}

/** A line for each stretch of values; where there was none, there is none. */
function stretches(values: readonly (number | undefined)[]): [number, number][][] {
  const pieces: [number, number][][] = [[]]
  for (const [at, value] of values.entries()) {
    if (value === undefined) pieces.push([])
    else pieces.at(-1)?.push([at, value])
  }
  return pieces.filter(({ length }) => length > 0)
}

function inWords(points: Series['points'], values: readonly number[], limit: string): string {
  const rounded = (value: number): string => String(Number(value.toPrecision(3)))
  const count = (test: (point: Series['points'][number]) => boolean): number => points.filter(test).length
  return [
    `${points.length} samples from ${clock(points[0]?.at ?? '')} to ${clock(points.at(-1)?.at ?? '')}`,
    `limit ${limit}`,
    ...(values.length > 0
      ? [`highest ${rounded(Math.max(...values))}`, `lowest ${rounded(Math.min(...values))}`]
      : []),
    `${count(({ verdict }) => verdict === 'violation')} beyond the limit`,
    `${count(({ value }) => value === undefined)} without a value`,
  ].join(', ')
}
