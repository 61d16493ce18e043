import type { View } from '../../../runner/model/view.ts'

/** The views of a card, by where they are: below its title, or in its fold. */
export interface CardViews {
  shown: View[]
  folded: View[]
}

/** Characters of a line on a wide screen; a longer line wraps. */
const lineWidth = 105
/** Steps up to which a runbook is read as a whole. */
const fewSteps = 12

/** Scripts with a role (`done when`, `undo`, `dry run`) are folded, everything else is what the step does. */
export function cardViews(views: readonly View[]): CardViews {
  const [folded, shown] = [views.filter(hasRole), views.filter((view) => !hasRole(view))]
  return { shown, folded }
}

function hasRole(view: View): boolean {
  return view.type === 'code' && view.label !== undefined
}

/** Most lines of a script that is shown without a click, in a runbook of so many steps. */
export function mostLines(steps: number): number {
  return steps > fewSteps ? 3 : 8
}

/** Whether a script has at most so many lines as they are drawn. */
export function isShort(code: string, lines: number): boolean {
  const drawn = code.split('\n').map((line) => Math.max(1, Math.ceil(line.length / lineWidth)))
  return drawn.reduce((sum, count) => sum + count, 0) <= lines
}
