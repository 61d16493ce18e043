import type { Nodes } from 'mdast'
import type { Edit } from '../edit.ts'
import type { ImportNote } from '../formats/draft.ts'
import type { DraftNames } from '../formats/draft-names.ts'
import type { FenceAnnotation } from '../formats/fence-annotations.ts'
import type { DroppedTag } from './import-notes.ts'

/** An address as it must be where the result will lie. */
export interface Readdressed {
  url: string
  /** Why it would lead nowhere from there, and what to do. */
  problem?: string
}

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
  /** Fences of a shell that become text, and why. */
  texts: ReadonlyMap<Nodes, string>
  stepIds: ReadonlySet<string>
  /** Elements that end a list. */
  afterLists: ReadonlySet<Nodes>
  readdress: (url: string) => Readdressed
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

/** The address that a link or an image has in the result; one that would lead nowhere is a finding. */
export function addressFor(url: string, node: Nodes, work: Work): string {
  const { url: address, problem } = work.readdress(url)
  if (problem !== undefined) work.notes.push({ line: node.position?.start.line ?? 1, message: problem })
  return address
}
