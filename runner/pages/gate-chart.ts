import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Series } from '../journal/story/series.ts'
import { clock } from './page-time.ts'

/** Size of the drawing, in its own units; the values are between `top` and `bottom`. */
const [width, height, top, bottom] = [600, 160, 18, 132]

/** The samples of a gate against their limit: as a drawing with its axes and the unit, and in words. */
export function chart({ name, query, side, limit, limitText, unit, points }: Series): Markup {
  const values = points.flatMap(({ value }) => value ?? [])
  const highest = Math.max(...[limit, ...values].filter(Number.isFinite), 0) * 1.1 || 1
  const x = (index: number): number => Math.round(((index + 0.5) / points.length) * width)
  const y = (value: number): number =>
    Math.round(bottom - (Math.min(Math.max(0, value), highest) / highest) * (bottom - top))
  const said = inWords(points, values, `${side} ${limitText}`, unit)
  const mark = ({ at: time, value, verdict }: Series['points'][number], at: number): Markup => {
    const words = value === undefined ? 'no value' : amount(value, unit)
    const hint = html`<title>${clock(time)}: ${words}</title>`
    if (value === undefined)
      return html`<circle class="no-data" cx="${x(at)}" cy="${bottom - 4}" r="2.5">${hint}</circle>`
    return verdict === 'violation'
      ? html`<path class="violation" d="M${x(at) - 5} ${y(value) - 5}l10 10m0-10l-10 10">${hint}</path>`
      : html`<circle class="sample" cx="${x(at)}" cy="${y(value)}" r="2.5">${hint}</circle>`
  }
  return html`<figure class="chart">
    <figcaption>
      <b>${name}</b>${name !== query && html` <code>${query}</code>`} <span class="muted">${said}</span>
    </figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}: ${said}">
      ${ticks(highest).map(
        (value) =>
          html`<line class="axis" x1="0" x2="${width}" y1="${y(value)}" y2="${y(value)}" /><text
              x="4"
              y="${y(value) - 4}"
            >
              ${amount(value, unit)}
            </text>`,
      )}
      ${timeLabels(points)}
      ${
        Number.isFinite(limit) &&
        html`<line class="limit" x1="0" x2="${width}" y1="${y(limit)}" y2="${y(limit)}" /><text
            class="limit-text"
            x="${width - 4}"
            y="${y(limit) - 5}"
          >
            ${side} ${limitText}
          </text>`
      }
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

/** Round values of the axis from 0 to at most `highest`: three or four of them. */
export function ticks(highest: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(highest / 2))
  const step = [5, 2.5, 2, 1].map((factor) => factor * magnitude).find((one) => one * 2 <= highest)
  if (step === undefined) return [0]
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, at) => Number((at * step).toPrecision(6)))
}

function amount(value: number, unit: string): string {
  const number = value.toLocaleString('en', { maximumSignificantDigits: 4 })
  return unit === '' || value === 0 ? number : `${number} ${unit}`
}

/** The times of the first and the last sample, in UTC. */
function timeLabels(points: Series['points']): Markup {
  const [first, last] = [points[0], points.at(-1)].map((point) => clock(point?.at ?? ''))
  return html`<text x="4" y="${height - 8}">${first}</text>${
      points.length > 1 && html`<text class="end" x="${width - 4}" y="${height - 8}">${last} UTC</text>`
    }`
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

function inWords(points: Series['points'], values: readonly number[], limit: string, unit: string): string {
  const rounded = (value: number): string => amount(Number(value.toPrecision(3)), unit)
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
