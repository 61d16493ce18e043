import type { PlannedStep } from '../../../runner/model/plan.ts'
import { xml } from './machine-form.ts'

// Sizes in the units of the drawing: one is a pixel at the width of a phone.
const width = 340
const row = 50
const high = 38
const middle = high / 2
const left = 50
/** The line of the way back. */
const track = 26
const dashed = 'stroke-dasharray="5 4"'
const right = width - 4
/** Letters of a title that fit in one of its two lines. */
const lineLength = 38
// The palette of the page around it, and the light one where the drawing stands alone.
const ink = 'var(--ink,#1b2126)'
const edge = 'var(--muted,#56626a)'
const back = 'var(--warn,#8a4300)'
const bad = 'var(--bad,#a8201a)'
const colors = {
  none: 'var(--sunk,#f3f4f0)',
  read: 'var(--accent-soft,#e2f2ed)',
  write: 'var(--warn-soft,#fdf0dd)',
} as const

/** The parts of a runbook's flow, in a line. */
export function flowWords(steps: readonly PlannedStep[]): string {
  const phases = new Set(steps.flatMap(({ phase }) => phase ?? [])).size
  const ofKind = (kind: string): number => steps.filter((step) => step.kind === kind).length
  const parts = [
    [steps.length, 'step'],
    [phases, 'phase'],
    [ofKind('gate'), 'gate'],
    [ofKind('approval'), 'approval'],
    [steps.filter(hasUndo).length, 'way back', 'ways back'],
  ] as const
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, one, many = `${one}s`]) => `${count} ${count === 1 ? one : many}`)
  return `Flow: ${words.join(', ')}`
}

function hasUndo({ fences }: PlannedStep): boolean {
  return fences.some(({ role }) => role === 'undo')
}

/**
 * A runbook from top to bottom: phases, what each step may do, and where a failure or a rollback leads. Each step is a
 * link to itself.
 * @param page address of the page of the runbook; empty within that page
 */
export function diagram(title: string, steps: readonly PlannedStep[], page: string): string {
  let y = 8
  let phase: string | undefined
  const parts: string[] = []
  const undone: number[] = []
  for (const step of steps) {
    if (step.phase !== phase && step.phase !== undefined) {
      parts.push(text(left, y + 16, step.phase, 'font-weight="700"'))
      y += 26
    }
    phase = step.phase
    parts.push(`<g transform="translate(0 ${y})">${node(step, page, step === steps.at(-1))}</g>`)
    if (hasUndo(step)) undone.push(y + middle)
    y += row
  }
  const height = y + 52
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="13" role="group" aria-label="${xml(`Flow of ${title}`)}">` +
    `<rect width="100%" height="100%" fill="var(--paper,#fdfdfb)"/>${parts.join('')}${rollback(undone)}<g font-size="12">${legend(y + 6)}</g></svg>\n`
  )
}

/** A step below the one before, drawn from its own top: equal steps are equal text, which costs a page little. */
function node(step: PlannedStep, page: string, isLast: boolean): string {
  const lines = inLines(`${step.number} ${step.title.replaceAll('`', '')}`)
  const first = lines.length > 1 ? 16 : 24
  const words = lines.map((one, at) => text(left + 16, first + at * 15, one)).join('')
  const link = `<a href="${xml(`${page}#${step.id}`)}">${shape(step)}${words}</a>`
  const undo = hasUndo(step) ? line(left, middle, track, middle, dashed) : ''
  const down = isLast ? '' : line(left + 24, high, left + 24, row)
  return `${undo}${failure(step)}${link}${down}`
}

/** A title in at most two lines. */
function inLines(title: string): string[] {
  if (title.length <= lineLength) return [title]
  const space = title.lastIndexOf(' ', lineLength)
  const at = space > lineLength / 2 ? space : lineLength
  const rest = title.slice(at).trimStart()
  return [title.slice(0, at), rest.length > lineLength ? `${rest.slice(0, lineLength - 1)}…` : rest]
}

/** A reading step has round ends, a writing step corners, a decision or a wait cut corners; a gate has posts. */
function shape({ effect, kind }: PlannedStep): string {
  const fill = `fill="${colors[effect]}" stroke="${edge}" stroke-width="${effect === 'write' ? 2 : 1}"`
  if (kind === 'gate') return gate(left, 0, right - left, high)
  if (effect !== 'none')
    return `<rect x="${left}" y="0" width="${right - left}" height="${high}" rx="${effect === 'read' ? middle : 3}" ${fill}/>`
  return `<path d="M${left} ${middle}l8-${middle}H${right - 8}l8 ${middle}l-8 ${middle}H${left + 8}z" ${fill}/>`
}

function gate(x: number, y: number, wide: number, tall: number): string {
  const post = (at: number): string =>
    `<rect x="${at}" y="${y - 3}" width="5" height="${tall + 6}" fill="${edge}"/>`
  return `<rect x="${x}" y="${y}" width="${wide}" height="${tall}" fill="${colors.read}" stroke="${edge}"/>${post(x)}${post(x + wide - 5)}`
}

/** A failure that starts the rollback leaves the way down and joins the way back. */
function failure({ attributes }: PlannedStep): string {
  if (attributes['onFailure'] !== 'rollback') return ''
  return `<path d="M${left} ${high - 6}h-9v-5" fill="none" stroke="${bad}" stroke-width="1.5"/>${arrow(left - 9, high - 11, 7, bad)}`
}

/** The undos, last first, beside the steps they undo. */
function rollback(at: readonly number[]): string {
  const [top, bottom] = [at[0], at.at(-1)]
  if (top === undefined || bottom === undefined) return ''
  const label = `<text transform="translate(14 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle" fill="${back}">rollback: undo, last first</text>`
  return `${line(track, bottom, track, top - 10, dashed)}${arrow(track, top - 8, 10, back)}${bottom - top > 150 ? label : ''}`
}

/** The head of an arrow upwards, from the middle of its foot. */
function arrow(x: number, y: number, tall: number, color: string): string {
  return `<path d="M${x - 4} ${y}h8l-4-${tall}z" fill="${color}"/>`
}

function legend(y: number): string {
  const items = [
    ['read', 'only reads', 4],
    ['write', 'changes things', 92],
    ['none', 'people and time', 210],
  ] as const
  const drawn = items.map(
    ([effect, words, x]) =>
      `<rect x="${x}" y="${y}" width="14" height="14" rx="${effect === 'read' ? 7 : 2}" fill="${colors[effect]}" stroke="${edge}"/>${text(x + 19, y + 12, words)}`,
  )
  return (
    `${drawn.join('')}${gate(4, y + 24, 14, 12)}${text(23, y + 35, 'gate')}` +
    `${arrow(103, y + 35, 9, bad)}${text(117, y + 35, 'a failure starts the rollback')}`
  )
}

function line(x1: number, y1: number, x2: number, y2: number, more = ''): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${more === '' ? edge : back}" stroke-width="1.5" ${more}/>`
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}" fill="${ink}" ${more}>${xml(words)}</text>`
}
