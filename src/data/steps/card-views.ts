import type { PlannedStep } from '../../../runner/model/plan.ts'
import type { View } from '../../../runner/model/view.ts'

/** The views of a card, by where they are: below its title, or in its fold. */
export interface CardViews {
  shown: View[]
  folded: View[]
}

/** How much of its steps a runbook shows without a click. */
export interface CardRoom {
  /** Most lines of a script. */
  lines: number
  /** Whether a step that a program does is its title and intent alone. */
  isBrief: boolean
}

/** Characters of a line on a wide screen; a longer line wraps. */
const lineWidth = 105
/** Steps up to which a runbook is read as a whole. */
const fewSteps = 12

/** A long runbook is an overview, except where an alert leads to it: its reader is in a hurry and wants the commands. */
export function cardRoom(steps: number, isUrgent: boolean): CardRoom {
  const isLong = steps > fewSteps
  return { lines: isLong ? 3 : 8, isBrief: isLong && !isUrgent }
}

/**
 * Scripts with a role (`done when`, `undo`, `dry run`) are folded, everything else is what the step does. In a brief
 * card that is folded too, unless a person does it.
 */
export function cardViews(
  views: readonly View[],
  { effect }: Pick<PlannedStep, 'effect'>,
  { isBrief }: CardRoom,
): CardViews {
  const isFolded = (view: View): boolean => hasRole(view) || (isBrief && effect !== 'none')
  return { shown: views.filter((view) => !isFolded(view)), folded: views.filter(isFolded) }
}

function hasRole(view: View): boolean {
  return view.type === 'code' && view.label !== undefined
}

const shells = new Set(['bash', 'sh', 'shell', 'zsh'])

/** The names of what matters most in a fold: how the step is judged done, whether there is a way back. None: it has facts. */
export function foldNames(folded: readonly View[]): string[] {
  const names = folded.flatMap((view) => {
    if (view.type === 'list') return ['conditions']
    if (view.type !== 'code') return []
    return [view.label?.split(' ')[0] ?? (shells.has(view.lang) ? 'script' : view.lang)]
  })
  return [...new Set(names)].map((name, at) => (at > 0 ? name : `${name[0]?.toUpperCase()}${name.slice(1)}`))
}

/** Whether a script has at most so many lines as they are drawn. */
export function isShort(code: string, lines: number): boolean {
  const drawn = code.split('\n').map((line) => Math.max(1, Math.ceil(line.length / lineWidth)))
  return drawn.reduce((sum, count) => sum + count, 0) <= lines
}
