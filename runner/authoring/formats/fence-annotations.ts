import type { InputSpec } from '../../model/values/input-types.ts'
import type { ImportNote } from './draft.ts'

/** The words of a dialect of Markdown about one fence. */
export interface FenceAnnotation {
  title?: string
  /** Attributes of the step, such as `cwd`. */
  attributes?: Readonly<Record<string, number | string>>
  /** Lines that set variables before the script. */
  before?: readonly string[]
  /** A language other than a shell that the dialect runs. */
  runs?: boolean
}

/** A document of a dialect as plain Markdown with the same lines. */
export interface PlainMarkdown {
  text: string
  /** By the line of the fence, from 1. */
  fences: ReadonlyMap<number, FenceAnnotation>
  inputs: Readonly<Record<string, InputSpec>>
  notes: readonly ImportNote[]
}

export interface FenceLines {
  /** Line of the opening, from 1. */
  line: number
  /** Line after the closing. */
  after: number
  indent: string
  marks: string
  info: string
}

/** The fences of a Markdown text, by their lines. */
export function fencesOf(lines: readonly string[]): FenceLines[] {
  const fences: FenceLines[] = []
  for (let index = 0; index < lines.length; index++) {
    const opening = /^(\s*(?:[-*+]\s+|\d+\.\s+|>\s*)*)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[index] ?? '')
    if (!opening) continue
    const [, indent = '', marks = '', info = ''] = opening
    const closing = new RegExp(`^[\\s>]*${marks[0] === '`' ? '`' : '~'}{${marks.length},}\\s*$`)
    let end = index + 1
    while (end < lines.length && !closing.test(lines[end] ?? '')) end += 1
    fences.push({ line: index + 1, after: end + 2, indent, marks, info })
    index = end
  }
  return fences
}
