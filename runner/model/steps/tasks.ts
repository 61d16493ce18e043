import type { ListItem, Parent } from 'mdast'
import { toString } from 'mdast-util-to-string'
import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import { placeOf } from '../text/place.ts'
import type { Task } from '../runbook.ts'
import { ownDescendants } from '../text/tree.ts'

/** The tasks inside a step element: the items of its lists that have a box. */
export function readTasks(element: Parent, file: string): Task[] {
  return ownDescendants(element, 'listItem')
    .filter((item) => typeof item.checked === 'boolean')
    .map((item) => ({ text: item.children[0] ? toString(item.children[0]) : '', place: placeOf(item, file) }))
}

/** Items that look like tasks, but would be skipped; `at` is the element's opening tag. */
export function taskProblems(element: Parent, name: string, at: Place): Diagnostic[] {
  const lists = ownDescendants(element, 'list').filter(({ children }) =>
    children.some(({ checked }) => typeof checked === 'boolean'),
  )
  if (lists.length === 0) {
    const hint = 'Write one line `- [ ] …` for each item.'
    return [
      diagnostic('invalid-body', at, `Unexpected <${name}> without tasks, expected a Markdown task list`, {
        hint,
      }),
    ]
  }
  return lists.flatMap(({ children }) =>
    children.flatMap((item) => itemProblem(item, placeOf(item, at.file)) ?? []),
  )
}

function itemProblem({ checked }: ListItem, place: Place): Diagnostic | undefined {
  if (checked === false) return undefined
  return checked === true
    ? diagnostic('invalid-body', place, 'Unexpected ticked box, expected an empty one', {
        hint: 'Write `- [ ] …`: a task is ticked in a run, by somebody.',
      })
    : diagnostic(
        'invalid-body',
        place,
        'Unexpected item without a box among tasks, nobody would be asked for it',
        {
          hint: 'Write `- [ ] …` with what is to be done, or put it into a list of its own.',
        },
      )
}
