/** One line of the bench: a figure, what it is held against in the same run, and the ratio it may have. */
export interface Row {
  what: string
  /** Of both figures. Default: ms. */
  unit?: 'µs' | 'ms' | 's' | 'MB' | 'kB' | 'requests' | 'runs/s' | 'queries/s'
  figure: number
  against: string
  reference: number
  /** The highest ratio that is right; without it the row only tells. */
  budget?: number
}

const widths = [66, 10, 48, 5, 13] as const

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`

/** The head of a Markdown table; `content/docs/performance.mdx` shows one as it was printed. */
export const tableHead = [
  line(['what', 'figure', 'against', 'ratio', 'budget']),
  line(widths.map((width) => '-'.repeat(width))),
].join('\n')

export function formatRow({ what, unit = 'ms', figure, against, reference, budget }: Row): string {
  const verdict =
    budget === undefined ? 'none' : `${budget}${isOver({ figure, reference, budget }) ? ', **over**' : ''}`
  return line([
    what,
    quantity(figure, unit),
    `${against}, ${quantity(reference, unit)}`,
    (figure / reference).toFixed(2),
    verdict,
  ])
}

export function isOver({ figure, reference, budget }: Pick<Row, 'figure' | 'reference' | 'budget'>): boolean {
  // Not the other way round: what is no number is over.
  return budget !== undefined && !(figure / reference <= budget)
}

function quantity(value: number, unit: NonNullable<Row['unit']>): string {
  if (unit === 'ms' && value >= 3000) return `${(value / 1000).toFixed(1)} s`
  if (unit === 'requests') return `${value} requests`
  return `${value.toFixed(value < 20 ? 1 : 0)} ${unit}`
}
