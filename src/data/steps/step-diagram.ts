import type { PlannedStep } from '../../../runner/model/plan.ts'
import { xml } from './machine-form.ts'

const width = 420
const row = 46
const left = 76
const ink = '#56626a'
const colors = { none: '#f3f4f0', read: '#e2f2ed', write: '#fdf0dd' } as const

/** A runbook from top to bottom: phases, what each step may do, and where a failure or a rollback leads. */
export function diagram(title: string, steps: readonly PlannedStep[]): string {
  let y = 20
  let phase: string | undefined
  const parts: string[] = []
  const undone: number[] = []
  for (const step of steps) {
    if (step.phase !== phase && step.phase !== undefined) {
      parts.push(text(left, y + 18, step.phase, 'font-weight="700"'))
      y += 32
    }
    phase = step.phase
    parts.push(node(step, y), ...(step === steps.at(-1) ? [] : [line(left + 24, y + 34, left + 24, y + row)]))
    if (step.fences.some(({ role }) => role === 'undo')) undone.push(y + 17)
    y += row
  }
  const height = y + 76
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${xml(`Diagram of ${title}`)}">` +
    `<rect width="100%" height="100%" fill="#fdfdfb"/>${parts.join('')}${rollback(undone)}${legend(y + 16)}</svg>\n`
  )
}

function node(step: PlannedStep, y: number): string {
  const name = `${step.number} ${step.title}`
  const shown = name.length > 44 ? `${name.slice(0, 43)}…` : name
  return `${shape(step, y)}${failure(step, y)}${text(left + 14, y + 22, shown)}`
}

/** A reading step has round ends, a writing step corners, a decision or a wait cut corners; a gate has posts. */
function shape({ effect, kind }: PlannedStep, y: number): string {
  const right = width - 16
  const fill = `fill="${colors[effect]}" stroke="${ink}" stroke-width="${effect === 'write' ? 2 : 1}"`
  if (kind === 'gate') return gate(left, y, right - left, 34)
  if (effect !== 'none')
    return `<rect x="${left}" y="${y}" width="${right - left}" height="34" rx="${effect === 'read' ? 17 : 3}" ${fill}/>`
  const points = [
    [left + 8, y],
    [right - 8, y],
    [right, y + 17],
    [right - 8, y + 34],
    [left + 8, y + 34],
    [left, y + 17],
  ]
  return `<polygon points="${points.map((point) => point.join()).join(' ')}" ${fill}/>`
}

function gate(x: number, y: number, wide: number, high: number): string {
  const post = (at: number): string =>
    `<rect x="${at}" y="${y - 3}" width="5" height="${high + 6}" fill="${ink}"/>`
  return `<rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="${colors.read}" stroke="${ink}"/>${post(x)}${post(x + wide - 5)}`
}

/** A failure that starts the rollback leaves the way down and joins the way back. */
function failure({ attributes }: PlannedStep, y: number): string {
  if (attributes['onFailure'] !== 'rollback') return ''
  return `<path d="M${left} ${y + 28}h-10v-5" fill="none" stroke="#a8201a" stroke-width="1.5"/><polygon points="${left - 14},${y + 23} ${left - 6},${y + 23} ${left - 10},${y + 16}" fill="#a8201a"/>`
}

/** The undos, last first, beside the steps they undo. */
function rollback(at: readonly number[]): string {
  const [top, bottom] = [at[0], at.at(-1)]
  if (top === undefined || bottom === undefined) return ''
  const dashed = 'stroke-dasharray="5 4"'
  const joins = at.map((y) => line(left, y, 40, y, dashed)).join('')
  const arrow = `<polygon points="36,${top - 8} 44,${top - 8} 40,${top - 18}" fill="#8a4300"/>`
  const label = `<text transform="translate(28 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="#8a4300">rollback: undo, last first</text>`
  return `${joins}${line(40, bottom, 40, top - 10, dashed)}${arrow}${bottom - top > 150 ? label : ''}`
}

function legend(y: number): string {
  const items = [
    ['read', 'only reads', left - 60],
    ['write', 'changes things', left + 50],
    ['none', 'people and time', left + 185],
  ] as const
  return (
    items
      .map(
        ([effect, words, x]) =>
          `<rect x="${x}" y="${y}" width="14" height="14" rx="${effect === 'read' ? 7 : 2}" fill="${colors[effect]}" stroke="${ink}"/>${text(x + 20, y + 12, words)}`,
      )
      .join('') +
    `${gate(left - 62, y + 26, 20, 12)}${text(left - 36, y + 37, 'gate')}` +
    `<polygon points="${left + 52},${y + 36} ${left + 62},${y + 36} ${left + 57},${y + 27}" fill="#a8201a"/>${text(left + 70, y + 37, 'a failure starts the rollback')}`
  )
}

function line(x1: number, y1: number, x2: number, y2: number, more = ''): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${more === '' ? ink : '#8a4300'}" stroke-width="1.5" ${more}/>`
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}" fill="#1b2126" ${more}>${xml(words)}</text>`
}
