import { settled, settledWords } from '../../engine/plan/resolve-values.ts'
import type { LoadedKinds } from '../../kinds/index.ts'
import { attributeParams } from '../../kinds/attribute-params.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { View } from '../../model/view.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'

/** Draws a kind's view nodes for a terminal; knows the nodes and no kind by name. */
function viewLines(views: readonly View[], io: Io): string[] {
  return views.flatMap((view) => {
    switch (view.type) {
      case 'text':
        return printable(view.text).split('\n')
      case 'code':
        return [
          ...(view.label ? [io.style('dim', `${view.label}:`)] : []),
          ...printable(view.code)
            .split('\n')
            .map((line) => `  ${io.style('cyan', line)}`),
        ]
      case 'field':
        return [`${io.style('dim', `${view.name}:`)} ${printable(view.value)}`]
      case 'list':
        return view.items.map((item) => `- ${printable(item)}`)
      case 'link':
        return [`${view.text} ${io.style('underline', view.href)}`]
      default:
        return [`${view.ok ? io.style('green', '✓') : io.style('red', '✗')} ${printable(view.text)}`]
    }
  })
}

/** The description of a step, as `show` and the question of the run print it. */
export function stepLines(step: PlannedStep, kinds: LoadedKinds, io: Io): string[] {
  const words = settledWords(step)
  const prose = words.prose === '' ? [] : printable(words.prose).split('\n')
  return [...prose, ...viewLines(viewsOf(step, kinds), io)].map((line) => `    ${line}`)
}

/** The items that a step asks for one by one: the limits of a gate, the tasks of a checklist. */
export function itemLines(step: PlannedStep, kinds: LoadedKinds, io: Io): string[] {
  const lists = viewsOf(step, kinds).filter(({ type }) => type === 'list')
  return viewLines(lists, io).map((line) => `       ${line}`)
}

function viewsOf(step: PlannedStep, kinds: LoadedKinds): View[] {
  const kind = kinds.named(step.kind)
  const read = readParams(kind, step.attributes)
  // A value that is not known yet is shown as what it will be filled from.
  const params = 'params' in read ? read.params : attributeParams(kind.params.shape, step.attributes)
  return kind.view(params, { ...settled(step), ...settledWords(step) })
}

/** The sign of what a step may do, with the word beside it: a glyph never carries meaning alone. */
export function effectWord(effect: PlannedStep['effect']): string {
  return { read: 'reads', write: 'changes', none: 'asks or waits' }[effect]
}
