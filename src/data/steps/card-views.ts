import type { View } from '../../../runner/model/view.ts'

/** The views of a card, by where they are: below its title, or in its fold. */
export interface CardViews {
  shown: View[]
  folded: View[]
}

/** Characters of a line on a wide screen; a longer line wraps. */
const lineWidth = 105
/** Most lines of a script that is shown without a click. */
const mostLines = 3

/** Scripts with a role (`done when`, `undo`, `dry run`) are folded, everything else is what the step does. */
export function cardViews(views: readonly View[]): CardViews {
  const [folded, shown] = [views.filter(hasRole), views.filter((view) => !hasRole(view))]
  return { shown, folded }
}

function hasRole(view: View): boolean {
  return view.type === 'code' && view.label !== undefined
}

/** Whether a script is shown without a click: it has at most three lines as they are drawn. */
export function isShort(code: string): boolean {
  const drawn = code.split('\n').map((line) => Math.max(1, Math.ceil(line.length / lineWidth)))
  return drawn.reduce((sum, lines) => sum + lines, 0) <= mostLines
}
