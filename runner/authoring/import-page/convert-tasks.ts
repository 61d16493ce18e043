import type { List, Nodes } from 'mdast'
import { headingText } from '../../model/text/outline.ts'
import { openingTag } from '../formats/draft.ts'
import { range } from './page-work.ts'
import type { Work } from './page-work.ts'

/** A task list becomes a checklist named after its heading, which a run asks for; one that it cannot be is a note. */
export function convertTaskLists(nodes: readonly Nodes[], title: string, work: Work): void {
  let heading = title
  for (const node of nodes) {
    if (node.type === 'heading') heading = headingText(node).text || heading
    if (node.type !== 'list' || !node.children.some(({ checked }) => typeof checked === 'boolean')) continue
    if (!isTaskList(node)) {
      work.notes.push({
        line: node.position?.start.line ?? 1,
        message:
          'a list of tasks and other items, or of tasks with parts, stays text; a run does not ask for its tasks',
      })
      continue
    }
    const [from, to] = range(node)
    const opening = openingTag('Checklist', { id: work.ids.id(`${heading} tasks`), title: heading })
    work.edits.push({ from, to: from, text: `${opening}\n\n` }, { from: to, to, text: '\n\n</Checklist>' })
    for (const item of node.children) if (item.checked === true) untick(item, work)
    work.others += 1
  }
}

/** Whether each item is a task of plain words, in lines that begin at the margin. */
function isTaskList({ children, position }: List): boolean {
  return (
    position?.start.column === 1 &&
    children.every(
      ({ checked, children: [first, ...rest] }) =>
        typeof checked === 'boolean' && first?.type === 'paragraph' && rest.length === 0,
    )
  )
}

/** A task that is ticked in the source is open in each run. */
function untick(item: Nodes, work: Work): void {
  const [from] = range(item)
  const at = work.source.indexOf('[', from) + 1
  work.edits.push({ from: at, to: at + 1, text: ' ' })
}
