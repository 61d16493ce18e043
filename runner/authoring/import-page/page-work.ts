import type { Nodes } from 'mdast'
import type { Edit } from '../edit.ts'
import type { ImportNote } from '../formats/draft.ts'
import type { DraftNames } from '../formats/draft-names.ts'
import type { FenceAnnotation } from '../formats/fence-annotations.ts'
import type { DroppedTag } from './import-notes.ts'

/** A page while it is converted: its source, and the edits and findings so far. */
export interface Work {
  source: string
  fences: ReadonlyMap<number, FenceAnnotation>
  edits: Edit[]
  notes: ImportNote[]
  /** Of the steps that Markdown does not have. */
  ids: DraftNames
  others: number
  /** The tags that were not kept. */
  html: DroppedTag[]
  /** The address of each heading. */
  names: ReadonlyMap<Nodes, string | undefined>
  /** Fences of a shell that hold a query. */
  queries: ReadonlySet<Nodes>
  stepIds: ReadonlySet<string>
  /** Elements that end a list. */
  afterLists: ReadonlySet<Nodes>
  readdress: (url: string) => string
}

export function replace(node: Nodes, text: string, work: Work): void {
  const [from, to] = range(node)
  work.edits.push({ from, to, text })
}

export function range(node: Nodes): [number, number] {
  return [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
}

/** The prefix of the lines of a block: quotes stay quotes, list markers become indentation. */
export function prefixOf(node: Nodes, source: string): string {
  const [from] = range(node)
  const line = source.slice(source.lastIndexOf('\n', from - 1) + 1, from)
  return line.replaceAll(/[^>\t ]/g, ' ')
}

export function block(lines: readonly string[], prefix: string): string {
  return lines.map((line, index) => (index === 0 ? line : `${prefix}${line}`.trimEnd())).join('\n')
}
